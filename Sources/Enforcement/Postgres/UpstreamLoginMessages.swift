public import PostgresWire

extension UpstreamLogin.Input {
    /// What a message means to a login.
    public init(_ message: BackendMessage) {
        switch message {
        case .authentication(.ok): self = .authenticationOk
        case .authentication(.cleartext): self = .authenticationCleartextPassword
        case .authentication(.md5(let salt)): self = .authenticationMD5Password(salt: salt)
        case .authentication(.sasl(let mechanisms)): self = .authenticationSASL(mechanisms: mechanisms)
        case .authentication(.saslContinue(let bytes)): self = .authenticationSASLContinue(bytes)
        case .authentication(.saslFinal(let bytes)): self = .authenticationSASLFinal(bytes)
        case .authentication(.other(let code, _)): self = .authenticationOther(code: Int32(truncatingIfNeeded: code))
        case .parameterStatus(let name, let value):
            self = .parameterStatus(
                name: String(decoding: name, as: UTF8.self), value: String(decoding: value, as: UTF8.self))
        case .backendKeyData(let processID, let secret):
            self = .backendKeyData(processID: processID, secretKey: secret)
        case .readyForQuery: self = .readyForQuery
        case .errorResponse(let fields):
            self = .error(
                sqlstate: String(decoding: fields["C"] ?? Array("XX000".utf8), as: UTF8.self),
                message: String(decoding: fields["M"] ?? [], as: UTF8.self))
        case .noticeResponse: self = .notice
        case .negotiateProtocolVersion: self = .negotiateProtocolVersion
        default: self = .other("a message that belongs to a session")
        }
    }
}

extension UpstreamLogin.Action {
    /// The bytes to send; empty when there is nothing to send. A secret may be in them.
    public var bytes: [UInt8] {
        switch self {
        case .sendStartup(let parameters):
            return StartupPacket.startup(
                major: 3, minor: 0,
                parameters: parameters.map { StartupPacket.Parameter(name: $0.name, value: $0.value) }
            ).encoded
        case .sendPassword(let password):
            return FrontendMessage.password(Array(password.utf8) + [0]).encoded
        case .sendSASLInitialResponse(let mechanism, let response):
            var body = Array(mechanism.utf8) + [0]
            body.appendValue(response)
            return FrontendMessage.password(body).encoded
        case .sendSASLResponse(let response):
            return FrontendMessage.password(response).encoded
        case .derive, .ready, .wait:
            return []
        }
    }
}
