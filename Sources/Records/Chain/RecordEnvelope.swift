/// What a record says about its place in a chain, read from its bytes without decoding the event.
public struct RecordEnvelope: Hashable, Sendable {
    /// Which event a record holds, by its field number in `Record`.
    public struct Event: Hashable, Sendable {
        public let field: UInt64

        public static let sessionOpened = Event(field: 16)
        public static let statement = Event(field: 17)
        public static let completed = Event(field: 18)
        public static let approvalAsked = Event(field: 19)
        public static let approvalAnswered = Event(field: 20)
        public static let policyChanged = Event(field: 21)
        public static let sessionClosed = Event(field: 22)
        public static let sidecarEvent = Event(field: 23)
        public static let identityChanged = Event(field: 24)
        public static let statementRun = Event(field: 25)
    }

    public var sessionID: RecordID
    public var sequence: UInt64
    public var previous: RecordHash
    /// Microseconds since 1970 by the sidecar's clock.
    public var time: Int64
    /// The id that the record carries, or else the one that is derived for it.
    public var id: RecordID
    /// `nil` when the record holds an event that this version does not know.
    public var event: Event?

    /// Where the event's own message lies in the record's bytes; empty without an event.
    var eventRange: Range<Int>
    /// Where the event's whole field lies.
    var eventField: Range<Int>

    /// Reads the envelope of a record.
    ///
    /// - Throws: ``RecordError/Code/malformed`` when the bytes are no record: a field of the envelope that
    ///   must be there is missing, doubled or of a wrong length, there are two events, or the bytes are not what an encoder writes.
    public init(of record: [UInt8]) throws(RecordError) {
        guard record.count <= RecordLimits.maximumRecordBytes else {
            throw RecordError(
                .tooLarge, "a record of \(record.count) bytes: the most is \(RecordLimits.maximumRecordBytes)")
        }
        var sessionID: RecordID?
        var sequence: UInt64 = 0
        var previous: RecordHash?
        var time: Int64 = 0
        var id: RecordID?
        var event: Event?
        var eventRange = 0..<0
        var eventField = 0..<0
        var last: UInt64 = 0

        var fields = ProtobufFields(record)
        while let field = try fields.next() {
            // Every encoder of ours writes fields in the order of their numbers, each once.
            guard field.number > last else {
                throw RecordError(.malformed, "malformed record: field \(field.number) after field \(last)")
            }
            last = field.number
            switch (field.number, field.value) {
            case (1, .bytes(let range)): sessionID = RecordID(record, in: range)
            case (2, .varint(let value)): sequence = value
            case (3, .bytes(let range)): previous = RecordHash(record, in: range)
            case (4, .varint(let value)): time = Int64(bitPattern: value)
            case (5, .bytes(let range)):
                id = RecordID(record, in: range)
                guard id != nil else { throw RecordError(.malformed, "malformed record: an id that is not 16 bytes") }
            case (16...25, .bytes(let range)):
                guard event == nil else { throw RecordError(.malformed, "malformed record: two events") }
                event = Event(field: field.number)
                eventRange = range
                eventField = field.range
            case (1...25, _): throw RecordError(.malformed, "malformed record: field \(field.number) has a wrong type")
            default: break
            }
        }
        guard let sessionID else { throw RecordError(.malformed, "malformed record: no session id of 16 bytes") }
        guard let previous else { throw RecordError(.malformed, "malformed record: no previous hash of 32 bytes") }
        self.sessionID = sessionID
        self.sequence = sequence
        self.previous = previous
        self.time = time
        self.id = id ?? RecordID(derivedFrom: sessionID, sequence: sequence)
        self.event = event
        self.eventRange = eventRange
        self.eventField = eventField
    }
}
