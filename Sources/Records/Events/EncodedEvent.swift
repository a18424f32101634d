import SwiftProtobuf

extension PBRecord.OneOf_Event {
    /// The event's kind, and its message in bytes.
    ///
    /// - Throws: ``RecordError/Code/tooLarge`` when it cannot be encoded.
    public var encoded: (event: RecordEnvelope.Event, message: [UInt8]) {
        get throws(RecordError) {
            do {
                switch self {
                case .sessionOpened(let message): return (.sessionOpened, try message.serializedBytes())
                case .statement(let message): return (.statement, try message.serializedBytes())
                case .completed(let message): return (.completed, try message.serializedBytes())
                case .approvalAsked(let message): return (.approvalAsked, try message.serializedBytes())
                case .approvalAnswered(let message): return (.approvalAnswered, try message.serializedBytes())
                case .policyChanged(let message): return (.policyChanged, try message.serializedBytes())
                case .sessionClosed(let message): return (.sessionClosed, try message.serializedBytes())
                case .sidecarEvent(let message): return (.sidecarEvent, try message.serializedBytes())
                case .identityChanged(let message): return (.identityChanged, try message.serializedBytes())
                case .statementRun(let message): return (.statementRun, try message.serializedBytes())
                }
            } catch {
                throw RecordError(.tooLarge, "an event cannot be encoded: \(error)")
            }
        }
    }
}
