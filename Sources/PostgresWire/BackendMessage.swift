/// What a server sends.
public enum BackendMessage: Hashable, Sendable {
    public enum Authentication: Hashable, Sendable {
        case ok
        case cleartext
        case md5(salt: [UInt8])
        case sasl(mechanisms: [String])
        case saslContinue([UInt8])
        case saslFinal([UInt8])
        /// Kerberos, GSSAPI, SSPI: codes that no client of ours answers.
        case other(code: UInt32, [UInt8])
    }

    public struct Copy: Hashable, Sendable {
        public var format: FormatCode
        public var columns: [FormatCode]

        public init(format: FormatCode, columns: [FormatCode]) {
            self.format = format
            self.columns = columns
        }
    }

    case authentication(Authentication)
    /// - secret: four bytes in protocol 3.0, up to 256 in 3.2.
    case backendKeyData(processID: Int32, secret: [UInt8])
    case bindComplete
    case closeComplete
    case commandComplete([UInt8])
    case copyData([UInt8])
    case copyDone
    case copyIn(Copy)
    case copyOut(Copy)
    case copyBoth(Copy)
    case dataRow([[UInt8]?])
    case emptyQueryResponse
    case errorResponse(ResponseFields)
    case functionCallResponse([UInt8]?)
    case negotiateProtocolVersion(minor: UInt32, unknown: [[UInt8]])
    case noData
    case noticeResponse(ResponseFields)
    case notification(processID: Int32, channel: [UInt8], payload: [UInt8])
    case parameterDescription([UInt32])
    case parameterStatus(name: [UInt8], value: [UInt8])
    case parseComplete
    case portalSuspended
    case readyForQuery(TransactionStatus)
    case rowDescription([FieldDescription])
}

/// Where a session stands, as ReadyForQuery says.
public enum TransactionStatus: UInt8, Hashable, Sendable {
    case idle = 0x49
    case inTransaction = 0x54
    case failed = 0x45
}

/// A column of a result.
public struct FieldDescription: Hashable, Sendable {
    public var name: [UInt8]
    /// 0: no column of a table.
    public var tableOID: UInt32
    public var attributeNumber: Int16
    public var typeOID: UInt32
    public var typeSize: Int16
    public var typeModifier: Int32
    public var format: FormatCode

    public init(
        name: [UInt8], tableOID: UInt32 = 0, attributeNumber: Int16 = 0, typeOID: UInt32, typeSize: Int16 = -1,
        typeModifier: Int32 = -1, format: FormatCode = .text
    ) {
        self.name = name
        self.tableOID = tableOID
        self.attributeNumber = attributeNumber
        self.typeOID = typeOID
        self.typeSize = typeSize
        self.typeModifier = typeModifier
        self.format = format
    }
}

/// The fields of an error or a notice, in their order (PostgreSQL protocol 55.8).
public struct ResponseFields: Hashable, Sendable {
    public struct Field: Hashable, Sendable {
        /// `S`, `V`, `C`, `M`, `D`, `H`, …
        public var code: UInt8
        public var value: [UInt8]

        public init(code: UInt8, value: [UInt8]) {
            self.code = code
            self.value = value
        }
    }

    public var fields: [Field]

    public init(_ fields: [Field]) {
        self.fields = fields
    }

    public subscript(code: Unicode.Scalar) -> [UInt8]? {
        fields.first { $0.code == UInt8(truncatingIfNeeded: code.value) }?.value
    }

    /// An error or notice of the sidecar's own.
    public init(severity: String, sqlState: String, message: String, detail: String? = nil, hint: String? = nil) {
        var fields = [
            Field(code: UInt8(ascii: "S"), value: Array(severity.utf8)),
            Field(code: UInt8(ascii: "V"), value: Array(severity.utf8)),
            Field(code: UInt8(ascii: "C"), value: Array(sqlState.utf8)),
            Field(code: UInt8(ascii: "M"), value: Array(message.utf8)),
        ]
        if let detail { fields.append(Field(code: UInt8(ascii: "D"), value: Array(detail.utf8))) }
        if let hint { fields.append(Field(code: UInt8(ascii: "H"), value: Array(hint.utf8))) }
        self.fields = fields
    }
}
