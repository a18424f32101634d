/// The byte that begins a message from a client (PostgreSQL protocol 55.7).
public struct FrontendTag: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    private init(_ letter: Unicode.Scalar) { rawValue = UInt8(ascii: letter) }

    public static let bind = FrontendTag("B")
    public static let close = FrontendTag("C")
    public static let copyData = FrontendTag("d")
    public static let copyDone = FrontendTag("c")
    public static let copyFail = FrontendTag("f")
    public static let describe = FrontendTag("D")
    public static let execute = FrontendTag("E")
    public static let flush = FrontendTag("H")
    public static let functionCall = FrontendTag("F")
    public static let parse = FrontendTag("P")
    /// PasswordMessage, SASLInitialResponse, SASLResponse, GSSResponse.
    public static let password = FrontendTag("p")
    public static let query = FrontendTag("Q")
    public static let sync = FrontendTag("S")
    public static let terminate = FrontendTag("X")

    public static let all: Set<FrontendTag> = [
        .bind, .close, .copyData, .copyDone, .copyFail, .describe, .execute, .flush, .functionCall, .parse, .password,
        .query, .sync, .terminate,
    ]
}

/// The byte that begins a message from a server (PostgreSQL protocol 55.7).
public struct BackendTag: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    private init(_ letter: Unicode.Scalar) { rawValue = UInt8(ascii: letter) }

    public static let authentication = BackendTag("R")
    public static let backendKeyData = BackendTag("K")
    public static let bindComplete = BackendTag("2")
    public static let closeComplete = BackendTag("3")
    public static let commandComplete = BackendTag("C")
    public static let copyData = BackendTag("d")
    public static let copyDone = BackendTag("c")
    public static let copyInResponse = BackendTag("G")
    public static let copyOutResponse = BackendTag("H")
    public static let copyBothResponse = BackendTag("W")
    public static let dataRow = BackendTag("D")
    public static let emptyQueryResponse = BackendTag("I")
    public static let errorResponse = BackendTag("E")
    public static let functionCallResponse = BackendTag("V")
    public static let negotiateProtocolVersion = BackendTag("v")
    public static let noData = BackendTag("n")
    public static let noticeResponse = BackendTag("N")
    public static let notificationResponse = BackendTag("A")
    public static let parameterDescription = BackendTag("t")
    public static let parameterStatus = BackendTag("S")
    public static let parseComplete = BackendTag("1")
    public static let portalSuspended = BackendTag("s")
    public static let readyForQuery = BackendTag("Z")
    public static let rowDescription = BackendTag("T")

    public static let all: Set<BackendTag> = [
        .authentication, .backendKeyData, .bindComplete, .closeComplete, .commandComplete, .copyData, .copyDone,
        .copyInResponse, .copyOutResponse, .copyBothResponse, .dataRow, .emptyQueryResponse, .errorResponse,
        .functionCallResponse, .negotiateProtocolVersion, .noData, .noticeResponse, .notificationResponse,
        .parameterDescription, .parameterStatus, .parseComplete, .portalSuspended, .readyForQuery, .rowDescription,
    ]
}
