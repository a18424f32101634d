/// The sidecar's own login to an upstream PostgreSQL server, from the startup message to the first ReadyForQuery
/// (protocol 55.2.1). Sans-IO: messages in, actions out.
///
/// It answers every authentication that a PostgreSQL 12–17 server asks for with a password or nothing: none (trust,
/// cert, peer), clear text, MD5, SCRAM-SHA-256. It refuses to give a password in clear text to a connection that others
/// can read, and a server that asks for SCRAM and then lets us in without having proved that it knows the password.
public struct UpstreamLogin: Sendable {
    /// How well the connection is protected, which decides whether a clear-text password may be sent on it.
    public enum ChannelProtection: Hashable, Sendable {
        case tls
        /// A Unix socket, or TCP on loopback.
        case local
        case none
    }

    /// What the server says during a login.
    public enum Input: Hashable, Sendable {
        case authenticationOk
        case authenticationCleartextPassword
        case authenticationMD5Password(salt: [UInt8])
        case authenticationSASL(mechanisms: [String])
        case authenticationSASLContinue([UInt8])
        case authenticationSASLFinal([UInt8])
        /// Any other authentication, by its code.
        case authenticationOther(code: Int32)
        case parameterStatus(name: String, value: String)
        case backendKeyData(processID: Int32, secretKey: [UInt8])
        case readyForQuery
        case error(sqlstate: String, message: String)
        case notice
        /// NegotiateProtocolVersion, to which there is nothing to say: nothing beyond 3.0 was asked for.
        case negotiateProtocolVersion
        /// Any other message, in words.
        case other(String)
    }

    public enum Action: Sendable {
        case sendStartup(parameters: [(name: String, value: String)])
        /// PasswordMessage. A secret.
        case sendPassword(String)
        case sendSASLInitialResponse(mechanism: String, [UInt8])
        case sendSASLResponse([UInt8])
        /// Run ``SCRAMDerivation/derive()`` where milliseconds do not hurt, then call ``UpstreamLogin/derived(_:)``.
        case derive(SCRAMDerivation)
        case ready(UpstreamIdentity)
        /// Nothing to do but wait for the next message.
        case wait
    }

    private enum State {
        case start
        /// The startup message is sent; nothing was asked for so far.
        case awaitingRequest
        case scram(SCRAMSHA256)
        /// A password is sent; AuthenticationOk is to come.
        case awaitingOk
        /// AuthenticationOk came; parameters and the key follow up to ReadyForQuery.
        case awaitingReady
        case ready
        case failed
    }

    /// Why this many: a server reports some 15 parameters; a login that reports hundreds is no PostgreSQL.
    static let maximumParameters = 256

    private let user: String
    private let password: String?
    private let protection: ChannelProtection
    private let startup: [(name: String, value: String)]
    private let nonce: String
    private var state = State.start
    private var identity = UpstreamIdentity()

    /// - Parameters:
    ///   - startup: startup parameters besides `user` and `database`, as `application_name`.
    ///   - nonce: for SCRAM: printable ASCII without a comma, never used before; a random one when `nil`.
    public init(
        user: String, password: String?, database: String, startup: [(name: String, value: String)] = [],
        protection: ChannelProtection, nonce: String? = nil
    ) {
        self.user = user
        self.password = password
        self.protection = protection
        self.startup = [("user", user), ("database", database)] + startup
        self.nonce = nonce ?? SCRAMSHA256.randomNonce()
    }

    /// The first action: once, as soon as the connection stands.
    public mutating func start() -> Action {
        state = .awaitingRequest
        return .sendStartup(parameters: startup)
    }

    /// - Throws: when the server refuses us or cannot be trusted; the connection is then to be closed, and every later
    ///   call throws as well.
    public mutating func receive(_ input: Input) throws(UpstreamLoginError) -> Action {
        do {
            return try handle(input)
        } catch {
            state = .failed
            throw error
        }
    }

    /// What ``Action/derive(_:)`` asked for.
    public mutating func derived(_ keys: SCRAMKeys) throws(UpstreamLoginError) -> Action {
        guard case .scram(var scram) = state else {
            throw UpstreamLoginError(.protocolViolation, "A key was derived that no login waits for.")
        }
        let message = try scram.finish(with: keys)
        state = .scram(scram)
        return .sendSASLResponse(message)
    }

    private mutating func handle(_ input: Input) throws(UpstreamLoginError) -> Action {
        switch input {
        case .error(let sqlstate, let message):
            throw UpstreamLoginError(.refused, "The server refuses the login: \(message)", sqlstate: sqlstate)
        case .notice, .negotiateProtocolVersion:
            guard isOpen else { throw unexpected("a notice outside a login") }
            return .wait
        case .authenticationOk, .authenticationCleartextPassword, .authenticationMD5Password, .authenticationSASL,
            .authenticationSASLContinue, .authenticationSASLFinal, .authenticationOther:
            return try authenticate(input)
        case .parameterStatus(let name, let value):
            guard case .awaitingReady = state, identity.parameters.count < Self.maximumParameters else {
                throw unexpected("a ParameterStatus before AuthenticationOk, or hundreds of them")
            }
            identity.parameters[name] = value
            return .wait
        case .backendKeyData(let processID, let secretKey):
            guard case .awaitingReady = state else { throw unexpected("a key before AuthenticationOk") }
            identity.processID = processID
            identity.secretKey = secretKey
            return .wait
        case .readyForQuery:
            guard case .awaitingReady = state else { throw unexpected("ReadyForQuery before AuthenticationOk") }
            state = .ready
            return .ready(identity)
        case .other(let what):
            throw unexpected("\(what) before the login was over")
        }
    }

    private mutating func authenticate(_ request: Input) throws(UpstreamLoginError) -> Action {
        switch (state, request) {
        case (.awaitingRequest, .authenticationOk), (.awaitingOk, .authenticationOk):
            state = .awaitingReady
            return .wait
        case (.scram(let scram), .authenticationOk):
            // A server in the middle that cannot prove itself would skip AuthenticationSASLFinal.
            guard scram.isVerified else {
                throw UpstreamLoginError(
                    .serverNotVerified, "The server ended the SCRAM login without proving that it knows the password.")
            }
            state = .awaitingReady
            return .wait
        case (.awaitingRequest, .authenticationCleartextPassword):
            guard protection != .none else {
                throw UpstreamLoginError(
                    .cleartextOnOpenChannel,
                    "The server asks for the password in clear text on a connection without TLS; "
                        + "set the resource's tls to verify-full, or the server's pg_hba.conf to scram-sha-256.")
            }
            let password = try requirePassword()
            state = .awaitingOk
            return .sendPassword(password)
        case (.awaitingRequest, .authenticationMD5Password(let salt)):
            let password = try requirePassword()
            state = .awaitingOk
            return .sendPassword(md5PasswordResponse(password: password, user: user, salt: salt))
        case (.awaitingRequest, .authenticationSASL(let mechanisms)):
            guard mechanisms.contains("SCRAM-SHA-256") else {
                throw UpstreamLoginError(
                    .unsupportedMethod, "The server offers no SASL mechanism that is known; SCRAM-SHA-256 is.")
            }
            var scram = SCRAMSHA256(password: try requirePassword(), nonce: nonce)
            let first = scram.clientFirst()
            state = .scram(scram)
            return .sendSASLInitialResponse(mechanism: "SCRAM-SHA-256", first)
        case (.scram(var scram), .authenticationSASLContinue(let bytes)):
            let derivation = try scram.receive(serverFirst: bytes)
            state = .scram(scram)
            return .derive(derivation)
        case (.scram(var scram), .authenticationSASLFinal(let bytes)):
            try scram.receive(serverFinal: bytes)
            state = .scram(scram)
            return .wait
        case (_, .authenticationOther(let code)):
            throw UpstreamLoginError(
                .unsupportedMethod,
                "The server asks for authentication \(code) (Kerberos, GSSAPI or SSPI); "
                    + "let its pg_hba.conf ask for scram-sha-256.")
        default:
            throw unexpected("an authentication request out of turn")
        }
    }

    private var isOpen: Bool {
        switch state {
        case .start, .failed: false
        case .awaitingRequest, .scram, .awaitingOk, .awaitingReady, .ready: true
        }
    }

    private func requirePassword() throws(UpstreamLoginError) -> String {
        guard let password else {
            throw UpstreamLoginError(
                .noPassword,
                "The server asks for a password and there is none; name a passwordFile in the resource's credentials.")
        }
        return password
    }

    private func unexpected(_ what: String) -> UpstreamLoginError {
        UpstreamLoginError(.protocolViolation, "The server sent \(what).")
    }
}

/// What a server told of itself and of the session that it opened for us.
public struct UpstreamIdentity: Hashable, Sendable {
    /// For CancelRequest; `nil` when the server gave no key.
    public var processID: Int32?
    public var secretKey: [UInt8] = []
    /// ParameterStatus: `server_version`, `client_encoding`, `standard_conforming_strings`, …
    public var parameters: [String: String] = [:]

    public init(processID: Int32? = nil, secretKey: [UInt8] = [], parameters: [String: String] = [:]) {
        self.processID = processID
        self.secretKey = secretKey
        self.parameters = parameters
    }
}
