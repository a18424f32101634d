import Testing

@testable import Enforcement

/// RFC 7677 §3: the published example of SCRAM-SHA-256.
private enum Vector {
    static let nonce = "rOprNGfwEbeRWgbNEkqO"
    static let password = "pencil"
    static let serverFirst =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    // The RFC's proof is over `n=user`; PostgreSQL's clients send an empty name, so that the expected values below
    // were computed with one, by an independent implementation (Python's hashlib and hmac).
    static let finalMessage =
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k="
    static let serverFinal = "v=3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg="
}

private func login(
    password: String? = Vector.password, protection: UpstreamLogin.ChannelProtection = .tls
) -> UpstreamLogin {
    UpstreamLogin(
        user: "user", password: password, database: "shop", protection: protection, nonce: Vector.nonce)
}

private func text(_ action: UpstreamLogin.Action) -> String? {
    switch action {
    case .sendPassword(let text): text
    case .sendSASLInitialResponse(_, let bytes), .sendSASLResponse(let bytes): String(decoding: bytes, as: UTF8.self)
    default: nil
    }
}

/// Goes as far as the client's final message.
private func scramLogin(serverFirst: String = Vector.serverFirst) throws -> (UpstreamLogin, final: String?) {
    var login = login()
    _ = login.start()
    _ = try login.receive(.authenticationSASL(mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]))
    guard case .derive(let derivation) = try login.receive(.authenticationSASLContinue(Array(serverFirst.utf8))) else {
        Issue.record("no derivation was asked for")
        return (login, nil)
    }
    let final = text(try login.derived(derivation.derive()))
    return (login, final)
}

@Suite struct UpstreamLoginTests {
    @Test func `a login starts with user and database`() {
        var login = login()
        guard case .sendStartup(let parameters) = login.start() else {
            Issue.record("no startup message")
            return
        }
        #expect(parameters.map(\.name) == ["user", "database"])
        #expect(parameters.map(\.value) == ["user", "shop"])
    }

    @Test func `trust needs no password and ends with what the server told`() throws {
        var login = login(password: nil)
        _ = login.start()
        _ = try login.receive(.authenticationOk)
        _ = try login.receive(.parameterStatus(name: "server_version", value: "17.2"))
        _ = try login.receive(.backendKeyData(processID: 7, secretKey: [1, 2, 3, 4]))
        guard case .ready(let identity) = try login.receive(.readyForQuery) else {
            Issue.record("not ready")
            return
        }
        #expect(identity.processID == 7)
        #expect(identity.secretKey == [1, 2, 3, 4])
        #expect(identity.parameters == ["server_version": "17.2"])
    }

    @Test func `SCRAM gives the published proof and checks the published signature`() throws {
        var (login, final) = try scramLogin()
        #expect(final == Vector.finalMessage)
        _ = try login.receive(.authenticationSASLFinal(Array(Vector.serverFinal.utf8)))
        _ = try login.receive(.authenticationOk)
    }

    @Test func `a wrong server signature ends the login`() throws {
        var (login, _) = try scramLogin()
        let wrong = "v=" + String(repeating: "A", count: 43) + "="
        let error = #expect(throws: UpstreamLoginError.self) {
            try login.receive(.authenticationSASLFinal(Array(wrong.utf8)))
        }
        #expect(error?.code == .serverNotVerified)
    }

    @Test func `a server that skips its signature is not trusted`() throws {
        var (login, _) = try scramLogin()
        let error = #expect(throws: UpstreamLoginError.self) { try login.receive(.authenticationOk) }
        #expect(error?.code == .serverNotVerified)
    }

    @Test(arguments: [
        "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "r=rOprNGfwEbeRWgbNEkqOabc,s=,i=4096",
        "r=rOprNGfwEbeRWgbNEkqOabc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0",
        "r=rOprNGfwEbeRWgbNEkqOabc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001",
        "r=rOprNGfwEbeRWgbNEkqOabc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999999999999",
        "m=x,r=rOprNGfwEbeRWgbNEkqOabc,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        "", ",,,", "r", "r=",
    ])
    func `a bad first message of the server is refused`(_ serverFirst: String) throws {
        #expect(throws: UpstreamLoginError.self) { try scramLogin(serverFirst: serverFirst) }
    }

    @Test func `MD5 gives what the server expects`() throws {
        var login = login(password: "secret")
        _ = login.start()
        let action = try login.receive(.authenticationMD5Password(salt: [1, 2, 3, 4]))
        #expect(text(action) == "md5fccef98e4f1cf6cbe96b743fad4e8bd0")
    }

    @Test func `a password in clear text needs a channel that nobody reads`() throws {
        for protection in [UpstreamLogin.ChannelProtection.tls, .local] {
            var login = login(protection: protection)
            _ = login.start()
            #expect(text(try login.receive(.authenticationCleartextPassword)) == Vector.password)
        }
        var login = login(protection: .none)
        _ = login.start()
        let error = #expect(throws: UpstreamLoginError.self) {
            try login.receive(.authenticationCleartextPassword)
        }
        #expect(error?.code == .cleartextOnOpenChannel)
    }

    @Test func `a server that asks for a password we do not have is told apart`() throws {
        var login = login(password: nil)
        _ = login.start()
        let error = #expect(throws: UpstreamLoginError.self) {
            try login.receive(.authenticationSASL(mechanisms: ["SCRAM-SHA-256"]))
        }
        #expect(error?.code == .noPassword)
    }

    @Test func `Kerberos and unknown mechanisms are named as unsupported`() throws {
        for input in [
            UpstreamLogin.Input.authenticationOther(code: 7), .authenticationSASL(mechanisms: ["OAUTHBEARER"]),
        ] {
            var login = login()
            _ = login.start()
            let error = #expect(throws: UpstreamLoginError.self) { try login.receive(input) }
            #expect(error?.code == .unsupportedMethod)
        }
    }

    @Test func `a refusal keeps the server's SQLSTATE and no later message is taken`() throws {
        var login = login()
        _ = login.start()
        let error = #expect(throws: UpstreamLoginError.self) {
            try login.receive(.error(sqlstate: "28P01", message: "password authentication failed"))
        }
        #expect(error?.sqlstate == "28P01")
        #expect(throws: UpstreamLoginError.self) { try login.receive(.authenticationOk) }
    }

    @Test(arguments: [
        UpstreamLogin.Input.readyForQuery, .parameterStatus(name: "a", value: "b"),
        .backendKeyData(processID: 1, secretKey: []), .authenticationSASLContinue([]), .authenticationSASLFinal([]),
        .other("rows"),
    ])
    func `messages out of turn end the login`(_ input: UpstreamLogin.Input) {
        var login = login()
        _ = login.start()
        #expect(throws: UpstreamLoginError.self) { try login.receive(input) }
    }

    @Test func `nothing that is printed of a login holds the password`() {
        let derivation = SCRAMDerivation(password: "pencil", salt: [1], iterations: 1)
        #expect(!"\(derivation)".contains("pencil"))
        #expect(!"\(derivation.derive())".contains("["))
    }
}
