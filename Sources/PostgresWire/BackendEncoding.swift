import WireBytes

extension BackendMessage {
    /// The message as it goes on the wire.
    public var encoded: [UInt8] {
        var out: [UInt8] = []
        encode(into: &out)
        return out
    }

    public func encode(into out: inout [UInt8]) {
        switch self {
        case .authentication(let authentication):
            out.appendBackend(.authentication) { authentication.encode(into: &$0) }
        case .backendKeyData(let processID, let secret):
            out.appendBackend(.backendKeyData) { body in
                body.appendBigEndian(processID)
                body.append(contentsOf: secret)
            }
        case .bindComplete: out.appendBackend(.bindComplete) { _ in }
        case .closeComplete: out.appendBackend(.closeComplete) { _ in }
        case .commandComplete(let tag): out.appendBackend(.commandComplete) { $0.appendTerminated(tag) }
        case .copyData(let bytes): out.appendBackend(.copyData) { $0.append(contentsOf: bytes) }
        case .copyDone: out.appendBackend(.copyDone) { _ in }
        case .copyIn(let copy): out.appendBackend(.copyInResponse) { copy.encode(into: &$0) }
        case .copyOut(let copy): out.appendBackend(.copyOutResponse) { copy.encode(into: &$0) }
        case .copyBoth(let copy): out.appendBackend(.copyBothResponse) { copy.encode(into: &$0) }
        case .dataRow(let values):
            out.appendBackend(.dataRow) { body in
                body.appendBigEndian(Int16(truncatingIfNeeded: values.count))
                for value in values { body.appendValue(value) }
            }
        case .emptyQueryResponse: out.appendBackend(.emptyQueryResponse) { _ in }
        case .errorResponse(let fields): out.appendBackend(.errorResponse) { fields.encode(into: &$0) }
        case .functionCallResponse(let value): out.appendBackend(.functionCallResponse) { $0.appendValue(value) }
        case .negotiateProtocolVersion(let minor, let unknown):
            out.appendBackend(.negotiateProtocolVersion) { body in
                body.appendBigEndian(minor)
                body.appendBigEndian(UInt32(truncatingIfNeeded: unknown.count))
                for name in unknown { body.appendTerminated(name) }
            }
        case .noData: out.appendBackend(.noData) { _ in }
        case .noticeResponse(let fields): out.appendBackend(.noticeResponse) { fields.encode(into: &$0) }
        case .notification(let processID, let channel, let payload):
            out.appendBackend(.notificationResponse) { body in
                body.appendBigEndian(processID)
                body.appendTerminated(channel)
                body.appendTerminated(payload)
            }
        case .parameterDescription(let types):
            out.appendBackend(.parameterDescription) { body in
                body.appendBigEndian(UInt16(truncatingIfNeeded: types.count))
                for type in types { body.appendBigEndian(type) }
            }
        case .parameterStatus(let name, let value):
            out.appendBackend(.parameterStatus) { body in
                body.appendTerminated(name)
                body.appendTerminated(value)
            }
        case .parseComplete: out.appendBackend(.parseComplete) { _ in }
        case .portalSuspended: out.appendBackend(.portalSuspended) { _ in }
        case .readyForQuery(let status): out.appendBackend(.readyForQuery) { $0.append(status.rawValue) }
        case .rowDescription(let fields):
            out.appendBackend(.rowDescription) { body in
                body.appendBigEndian(Int16(truncatingIfNeeded: fields.count))
                for field in fields { field.encode(into: &body) }
            }
        }
    }
}

extension BackendMessage.Authentication {
    fileprivate func encode(into out: inout [UInt8]) {
        switch self {
        case .ok: out.appendBigEndian(UInt32(0))
        case .cleartext: out.appendBigEndian(UInt32(3))
        case .md5(let salt):
            out.appendBigEndian(UInt32(5))
            out.append(contentsOf: salt)
        case .sasl(let mechanisms):
            out.appendBigEndian(UInt32(10))
            for mechanism in mechanisms { out.appendTerminated(mechanism) }
            out.append(0)
        case .saslContinue(let data):
            out.appendBigEndian(UInt32(11))
            out.append(contentsOf: data)
        case .saslFinal(let data):
            out.appendBigEndian(UInt32(12))
            out.append(contentsOf: data)
        case .other(let code, let data):
            out.appendBigEndian(code)
            out.append(contentsOf: data)
        }
    }
}

extension BackendMessage.Copy {
    fileprivate func encode(into out: inout [UInt8]) {
        out.append(UInt8(truncatingIfNeeded: format.rawValue))
        out.appendFormats(columns)
    }
}

extension ResponseFields {
    fileprivate func encode(into out: inout [UInt8]) {
        for field in fields {
            out.append(field.code)
            out.appendTerminated(field.value)
        }
        out.append(0)
    }
}

extension FieldDescription {
    fileprivate func encode(into out: inout [UInt8]) {
        out.appendTerminated(name)
        out.appendBigEndian(tableOID)
        out.appendBigEndian(attributeNumber)
        out.appendBigEndian(typeOID)
        out.appendBigEndian(typeSize)
        out.appendBigEndian(typeModifier)
        out.appendBigEndian(format.rawValue)
    }
}
