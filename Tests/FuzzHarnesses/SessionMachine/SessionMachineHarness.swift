import Enforcement
import PostgresWire
import WireBytes

/// A whole session, driven by the input: what the client sends, when the server's answers come, what happens besides.
///
/// However that goes: nothing reaches the server that no rule lets pass, or before its record; no planted value reaches the
/// client; records chain, open first and close last, and every statement that passed ends once.
///
/// | byte | |
/// |---|---|
/// | 0 | policy, TLS, whether the start is the harness's own |
/// | then | steps: a byte that says which, and what it needs |
enum SessionMachineHarness {
    static func run(_ input: [UInt8]) throws(Violation) {
        var input = FuzzInput(input)
        let head = input.byte()
        guard let variant = PolicyVariant.all[wrapping: Int(head & 7)] else { return }
        let rig = Rig(variant: variant, offersTLS: head & 8 != 0, isAuthenticationSlow: head & 16 != 0)
        if head & 32 == 0 { try connect(rig) }
        var steps = 0
        while !input.isAtEnd, steps < 400, !rig.isClosed {
            try step(&input, rig)
            steps += 1
        }
        if !rig.isClosed { try rig.feed(.clientClosed) }
        try rig.witness.finish()
    }

    private static func connect(_ rig: Rig) throws(Violation) {
        try rig.fromClient(
            StartupPacket.startup(
                major: 3, minor: 0,
                parameters: [.init(name: "user", value: "ann"), .init(name: "database", value: "shop")]
            ).encoded)
        try rig.fromClient(FrontendMessage.password(Array("token".utf8) + [0]).encoded)
        try rig.answerAuthentication(true)
        try rig.deliver(.max)
    }

    private static func step(_ input: inout FuzzInput, _ rig: Rig) throws(Violation) {
        let kind = input.byte()
        switch kind % 32 {
        case 0...14:
            guard let message = message(kind % 32, &input) else { return }
            try send(message.encoded, rig)
            // The highest bits: the answer comes at once, or when something else has happened.
            if kind & 0xC0 == 0 { try rig.deliver(.max) }
        case 15: try rig.deliver(1 + input.number(below: 64))
        case 16: try rig.deliver(.max)
        case 17: try send(input.string(), rig)
        case 18: try drip(message(kind % 15, &input)?.encoded ?? [], rig)
        case 19: try rig.pass(seconds: input.number(below: 900))
        case 20: if let variant = PolicyVariant.all[wrapping: Int(input.byte())] { try rig.change(to: variant) }
        case 21: try rig.decide(input.number(below: max(1, rig.asks.count)), approves: input.flag())
        case 22: try rig.answerReading()
        case 23: try rig.answerAuthentication(input.flag())
        case 24: try event(&input, rig)
        case 25: try note(&input, rig)
        case 26: try rig.forge(input.string())
        case 27: try send(FrontendMessage.query(Array(long.utf8)).encoded, rig)
        case 28:
            // Many of a kind, as a pipeline or a flood.
            let message = message(input.byte() % 15, &input)
            for _ in 0..<(1 + input.number(below: 48)) { try send(message?.encoded ?? [], rig) }
        case 29: rig.refusesRecords = input.flag()
        case 30: try rig.forge(BackendMessage.readyForQuery(.idle).encoded)
        default: try send(FrontendMessage.query(input.string()).encoded, rig)
        }
    }

    // MARK: The client

    /// What a client sends that means no harm by form.
    private static func message(_ kind: UInt8, _ input: inout FuzzInput) -> FrontendMessage? {
        switch kind {
        case 0, 1: .query(text(&input))
        case 2:
            .query(
                (0..<(1 + input.number(below: 3))).map { _ in text(&input) }.joined(separator: [0x3B, 0x0A]).map { $0 })
        case 3, 4: .parse(name: name(&input), text: text(&input), types: [])
        case 5, 6: .bind(bind(&input))
        case 7: .describe(input.flag() ? .statement : .portal, name(&input))
        case 8, 9: .execute(portal: name(&input), maximum: Int32(input.number(below: 4)))
        case 10: .close(input.flag() ? .statement : .portal, name(&input))
        case 11, 12: .sync
        case 13: input.flag() ? .flush : .copyData(input.string())
        default:
            [FrontendMessage.copyDone, .copyFail([]), .functionCall([0, 0, 0, 1]), .terminate][
                wrapping: Int(input.byte())]
        }
    }

    private static func text(_ input: inout FuzzInput) -> [UInt8] {
        Array((input.choice(of: StatementPool.all)?.text ?? "").utf8)
    }

    private static func name(_ input: inout FuzzInput) -> [UInt8] {
        [[], Array("a".utf8), Array("b".utf8), Array("stile_search_path".utf8)][wrapping: Int(input.byte())] ?? []
    }

    private static func bind(_ input: inout FuzzInput) -> FrontendMessage.Bind {
        var bind = FrontendMessage.Bind(portal: name(&input), statement: name(&input))
        let shape = input.byte()
        bind.resultFormats = Array(repeating: shape & 1 == 0 ? .text : .binary, count: Int(shape >> 1 & 3))
        for _ in 0..<Int(shape >> 3 & 3) { bind.parameters.append(input.flag() ? input.string() : nil) }
        return bind
    }

    /// What a client says itself is no leak when it comes back.
    private static func send(_ bytes: [UInt8], _ rig: Rig) throws(Violation) {
        if PlantedValues.find(in: bytes) != nil { return }
        try rig.fromClient(bytes)
    }

    private static func drip(_ bytes: [UInt8], _ rig: Rig) throws(Violation) {
        for byte in bytes { try rig.fromClient([byte]) }
    }

    /// Too long for an event loop's stack.
    private static let long = "SELECT 1" + String(repeating: " + 1", count: 1_200)

    // MARK: The world

    private static func event(_ input: inout FuzzInput, _ rig: Rig) throws(Violation) {
        switch input.byte() % 10 {
        case 0: try rig.feed(.catalogChanged(Rig.catalog))
        case 1: try rig.feed(.identityChanged(Rig.identity))
        case 2: try rig.feed(.identityExpired)
        case 3: try rig.feed(.revoked(reason: "by dana"))
        case 4: try rig.feed(.drain)
        case 5: try rig.feed(.upstreamClosed)
        case 6: try rig.feed(.clientTLSEstablished)
        case 7: try rig.feed(.upstreamFailed(UpstreamFailure(sqlState: "08001", message: "none", detail: "none")))
        case 8: try rig.feed(.recordRefused(reason: "full"))
        default: try rig.feed(.clientClosed)
        }
    }

    /// What a server says unasked, between one message and the next.
    private static func note(_ input: inout FuzzInput, _ rig: Rig) throws(Violation) {
        let message: BackendMessage
        switch input.byte() % 5 {
        case 0:
            message = .noticeResponse(
                .init(severity: "NOTICE", sqlState: "00000", message: "it says \(PlantedValues.detected)."))
        case 1:
            message = .notification(
                processID: 5, channel: Array("c".utf8), payload: Array("of \(PlantedValues.detected)".utf8))
        case 2: message = .parameterStatus(name: Array("application_name".utf8), value: Array("x".utf8))
        case 3: message = .parameterStatus(name: Array("client_encoding".utf8), value: Array("LATIN1".utf8))
        default:
            message = .errorResponse(.init(severity: "FATAL", sqlState: "57P01", message: "terminating connection"))
        }
        rig.server.send(message)
    }
}

extension Array {
    fileprivate subscript(wrapping index: Int) -> Element? { isEmpty ? nil : self[index % count] }
}
