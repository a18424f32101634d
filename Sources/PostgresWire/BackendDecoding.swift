public import WireBytes

extension BackendMessage {
    /// - Parameter body: without tag and length.
    public init(tag: UInt8, body: ByteReader) throws(WireError) {
        var body = body
        self = try BackendMessage.decode(BackendTag(rawValue: tag), &body)
        try body.finish()
    }

    private static func decode(_ tag: BackendTag, _ body: inout ByteReader) throws(WireError) -> BackendMessage {
        switch tag {
        case .authentication: return .authentication(try Authentication(&body))
        case .backendKeyData:
            let processID = try body.int32()
            guard (4...256).contains(body.remaining) else {
                throw WireError(.malformed, "a cancel key of \(body.remaining) bytes")
            }
            return .backendKeyData(processID: processID, secret: body.rest())
        case .bindComplete: return .bindComplete
        case .closeComplete: return .closeComplete
        case .commandComplete: return .commandComplete(try body.terminated())
        case .copyData: return .copyData(body.rest())
        case .copyDone: return .copyDone
        case .copyInResponse: return .copyIn(try Copy(&body))
        case .copyOutResponse: return .copyOut(try Copy(&body))
        case .copyBothResponse: return .copyBoth(try Copy(&body))
        case .dataRow: return .dataRow(try values(&body))
        case .emptyQueryResponse: return .emptyQueryResponse
        case .errorResponse: return .errorResponse(try ResponseFields(&body))
        case .functionCallResponse:
            let length = try body.int32()
            return .functionCallResponse(length == -1 ? nil : try body.array(Int(length)))
        case .negotiateProtocolVersion:
            let minor = try body.uint32()
            let count = Int(try body.uint32())
            guard count <= PostgresLimits.startup else { throw WireError(.oversized, "\(count) unknown options") }
            var unknown: [[UInt8]] = []
            for _ in 0..<count { unknown.append(try body.terminated()) }
            return .negotiateProtocolVersion(minor: minor, unknown: unknown)
        case .noData: return .noData
        case .noticeResponse: return .noticeResponse(try ResponseFields(&body))
        case .notificationResponse:
            return .notification(
                processID: try body.int32(), channel: try body.terminated(), payload: try body.terminated())
        case .parameterDescription:
            let count = Int(try body.uint16())
            var types: [UInt32] = []
            for _ in 0..<count { types.append(try body.uint32()) }
            return .parameterDescription(types)
        case .parameterStatus: return .parameterStatus(name: try body.terminated(), value: try body.terminated())
        case .parseComplete: return .parseComplete
        case .portalSuspended: return .portalSuspended
        case .readyForQuery:
            let letter = try body.uint8()
            guard let status = TransactionStatus(rawValue: letter) else {
                throw WireError(.malformed, "transaction status \(letter)")
            }
            return .readyForQuery(status)
        case .rowDescription: return .rowDescription(try fields(&body))
        default: throw WireError(.malformed, "no backend message begins with byte \(tag.rawValue)")
        }
    }

    private static func values(_ body: inout ByteReader) throws(WireError) -> [[UInt8]?] {
        let count = try columnCount(&body)
        var values: [[UInt8]?] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            let length = try body.int32()
            values.append(length == -1 ? nil : try body.array(Int(length)))
        }
        return values
    }

    private static func fields(_ body: inout ByteReader) throws(WireError) -> [FieldDescription] {
        let count = try columnCount(&body)
        var fields: [FieldDescription] = []
        for _ in 0..<count {
            fields.append(
                FieldDescription(
                    name: try body.terminated(), tableOID: try body.uint32(), attributeNumber: try body.int16(),
                    typeOID: try body.uint32(), typeSize: try body.int16(), typeModifier: try body.int32(),
                    format: try FormatCode(&body)))
        }
        return fields
    }
}

func columnCount(_ body: inout ByteReader) throws(WireError) -> Int {
    let count = try body.int16()
    guard count >= 0 else { throw WireError(.malformed, "\(count) columns") }
    return Int(count)
}

extension BackendMessage.Authentication {
    init(_ body: inout ByteReader) throws(WireError) {
        let code = try body.uint32()
        switch code {
        case 0: self = .ok
        case 3: self = .cleartext
        case 5: self = .md5(salt: try body.array(4))
        case 10:
            var mechanisms: [String] = []
            while true {
                let name = try body.terminated()
                if name.isEmpty { break }
                mechanisms.append(String(decoding: name, as: UTF8.self))
            }
            self = .sasl(mechanisms: mechanisms)
        case 11: self = .saslContinue(body.rest())
        case 12: self = .saslFinal(body.rest())
        default: self = .other(code: code, body.rest())
        }
    }
}

extension BackendMessage.Copy {
    init(_ body: inout ByteReader) throws(WireError) {
        let overall = try body.uint8()
        guard let format = FormatCode(rawValue: Int16(overall)) else {
            throw WireError(.malformed, "COPY format \(overall)")
        }
        let count = try columnCount(&body)
        var columns: [FormatCode] = []
        for _ in 0..<count { columns.append(try FormatCode(&body)) }
        self.init(format: format, columns: columns)
    }
}

extension ResponseFields {
    init(_ body: inout ByteReader) throws(WireError) {
        var fields: [Field] = []
        while true {
            let code = try body.uint8()
            if code == 0 { break }
            fields.append(Field(code: code, value: try body.terminated()))
        }
        self.init(fields)
    }
}
