import Policy
import PostgresWire
import WireBytes

/// What is known of a client before it is let in.
struct StartupState {
    var decoder = StartupDecoder()
    var sawTLSRequest = false
    var sawGSSRequest = false
    var isTLS = false
    var applicationName = ""
    var database = ""
    var parameters: [StartupParameter] = []
}

extension PostgresSession {
    mutating func takeStartup(_ bytes: Span<UInt8>) throws(SessionFault) {
        startup.decoder.append(bytes)
        // What comes before the handshake ends is not under its protection (CVE-2021-23222).
        if phase == .awaitingTLS {
            throw SessionFault(
                sqlState: "08P01", message: "unencrypted data after SSLRequest", isSilent: true)
        }
        while phase == .startup {
            let next = try SessionFault.ofClient({ () throws(WireError) in try startup.decoder.next() })
            guard let packet = next else { return }
            switch packet {
            case .sslRequest: try answerTLSRequest()
            case .gssEncRequest:
                guard !startup.sawGSSRequest else { throw PostgresSession.repeated("GSSENCRequest") }
                startup.sawGSSRequest = true
                output.client.append(UInt8(ascii: "N"))
            case .cancel(let processID, let secret):
                cancel(processID, secret)
            case .startup(let major, let minor, let parameters):
                try start(major: major, minor: minor, parameters)
            }
        }
        if phase != .closed, phase != .startup, phase != .awaitingTLS {
            let rest = startup.decoder.takeRest()
            if !rest.isEmpty { client.append(rest.span) }
        }
    }

    private static func repeated(_ request: String) -> SessionFault {
        SessionFault(sqlState: "08P01", message: "a second \(request)", isSilent: true)
    }

    private mutating func answerTLSRequest() throws(SessionFault) {
        guard !startup.sawTLSRequest, !startup.isTLS else { throw PostgresSession.repeated("SSLRequest") }
        startup.sawTLSRequest = true
        guard configuration.offersTLS else {
            output.client.append(UInt8(ascii: "N"))
            return
        }
        guard startup.decoder.buffered == 0 else {
            throw SessionFault(sqlState: "08P01", message: "unencrypted data after SSLRequest", isSilent: true)
        }
        output.client.append(UInt8(ascii: "S"))
        output.perform(.startClientTLS)
        phase = .awaitingTLS
    }

    mutating func tlsEstablished() throws(SessionFault) {
        guard phase == .awaitingTLS else { throw SessionFault.unexpected("a TLS handshake that nobody asked for") }
        startup.isTLS = true
        phase = .startup
    }

    private mutating func cancel(_ processID: Int32, _ secret: [UInt8]) {
        // Keys of ours are four bytes; a longer one is nobody's. No answer is given either way.
        if secret.count == 4 {
            let number = secret.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            output.perform(.cancel(CancelKey(processID: processID, secret: Int32(bitPattern: number))))
        }
        phase = .closed
        output.perform(.closeClient)
    }

    private mutating func start(
        major: UInt16, minor: UInt16, _ parameters: [StartupPacket.Parameter]
    ) throws(SessionFault) {
        guard major == 3 else {
            throw SessionFault(
                sqlState: "0A000", message: "unsupported frontend protocol \(major).\(minor): this server speaks 3.0")
        }
        var user: String?
        var database: String?
        var unknownOptions: [[UInt8]] = []
        var settings = StartupSettings()
        for parameter in parameters {
            switch parameter.name {
            case "user": user = parameter.value
            case "database": database = parameter.value
            case "replication":
                guard ["false", "off", "no", "0"].contains(parameter.value.lowercased()) else {
                    throw SessionFault(
                        sqlState: "42501", message: "Replication is not permitted through this address.",
                        reason: "a replication connection was asked for")
                }
            case "options": try settings.take(options: parameter.value)
            case let name where name.hasPrefix("_pq_."): unknownOptions.append(Array(name.utf8))
            default: try settings.take(name: parameter.name, value: parameter.value)
            }
        }
        if minor > 0 || !unknownOptions.isEmpty {
            // PostgreSQL gives the whole version here, the major one in the upper half.
            output.toClient(.negotiateProtocolVersion(minor: 3 << 16, unknown: unknownOptions))
        }
        guard let user, !user.isEmpty else {
            throw SessionFault(
                sqlState: "28000", message: "no PostgreSQL user name specified in startup packet")
        }
        startup.database = database.flatMap { $0.isEmpty ? nil : $0 } ?? user
        startup.applicationName = settings.applicationName
        startup.parameters = settings.parameters
        guard policy != nil else {
            throw SessionFault(
                sqlState: "57P03", message: "No policy is in force, so nothing is permitted.",
                hint: "Ask whoever operates the sidecar to look at its log.")
        }
        let databases = configuration.resource.databases
        guard databases.isEmpty || databases.contains(where: { $0.utf8.elementsEqual(startup.database.utf8) }) else {
            throw SessionFault(
                sqlState: "42501", message: "This database is not open to sessions of this address.",
                hint: "Policy names the databases: \(databases.joined(separator: ", ")).",
                reason: "a database that policy does not name")
        }
        if configuration.resource.tokenFile == nil {
            output.toClient(.authentication(.cleartext))
            phase = .awaitingPassword
        } else {
            phase = .authenticating
            output.perform(.authenticate(token: nil))
        }
    }

    mutating func takePassword() throws(SessionFault) {
        guard let head = try SessionFault.ofClient({ () throws(WireError) in try client.head() }) else { return }
        guard head.tag == FrontendTag.password.rawValue else {
            throw SessionFault(sqlState: "08P01", message: "expected password response")
        }
        guard let frame = try SessionFault.ofClient({ () throws(WireError) in try client.peek() }) else { return }
        let bytes = try SessionFault.ofClient { () throws(WireError) -> [UInt8] in
            var reader = ByteReader(client.bytes, in: frame.body)
            let token = try reader.terminated()
            try reader.finish()
            return token
        }
        client.consume(frame)
        guard let token = String(validating: bytes, as: UTF8.self), !token.isEmpty else {
            throw SessionFault(
                sqlState: "28P01", message: "A token is needed in place of a password.",
                hint: "Put the token into PGPASSWORD or the driver's password field.", reason: "no token")
        }
        phase = .authenticating
        output.perform(.authenticate(token: ClientToken(token)))
    }

    mutating func identified(_ identity: SessionIdentity) throws(SessionFault) {
        guard phase == .authenticating else { return }
        self.identity = identity
        try checkTime()
        guard let policy else { return }
        let verdict = policy.admission(of: identity.subject, to: configuration.resource.name)
        guard verdict.outcome == .allow else {
            throw SessionFault(
                sqlState: "42501", message: verdict.refusalOfSession,
                hint: "Rules allow by the token's subject and groups; ask for one of them.",
                reason: "no rule allows the session")
        }
        phase = .connecting
        output.perform(
            .connectUpstream(UpstreamRequest(database: startup.database, parameters: startup.parameters)))
    }

    mutating func upstreamReady(_ greeting: UpstreamGreeting) throws(SessionFault) {
        guard phase == .connecting else { return }
        self.greeting = greeting
        catalog = greeting.catalog
        for (name, value) in greeting.parameters { try checkPinned(name, value) }
        phase = .prologue
        askSearchPath()
    }

    /// The client is let in once the session knows what it must.
    mutating func openSession() {
        phase = .ready
        recordOpened(refused: "")
        output.toClient(.authentication(.ok))
        // In the order in which PostgreSQL reports them, whatever the case of their letters.
        let parameters = (greeting?.parameters ?? [:]).map {
            (order: $0.key.lowercased(), name: $0.key, value: $0.value)
        }
        for (_, name, value) in parameters.sorted(by: { $0.order < $1.order }) {
            output.toClient(.parameterStatus(name: Array(name.utf8), value: Array(value.utf8)))
        }
        let key = configuration.cancelKey
        output.perform(.publishCancelKey(key))
        var secret: [UInt8] = []
        secret.appendBigEndian(key.secret)
        output.toClient(.backendKeyData(processID: key.processID, secret: secret))
        output.toClient(.readyForQuery(.idle))
    }

    /// What statements mean hangs on these settings; a server that says otherwise is not the one that was judged for.
    mutating func checkPinned(_ name: String, _ value: String) throws(SessionFault) {
        let expected: String? =
            switch name {
            case "standard_conforming_strings": "on"
            case "client_encoding": "UTF8"
            default: nil
            }
        guard let expected, value.lowercased() != expected.lowercased() else { return }
        throw SessionFault(
            sqlState: "42501", message: "The setting \(name) must stay at \(expected) on this connection.",
            reason: "\(name) was changed")
    }
}
