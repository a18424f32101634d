import Enforcement
import PostgresWire
import WireBytes

/// Performs an ``UpstreamLogin`` on a leg: the receiver of its bytes until the server is ready, and then no more.
final class ReactorLogin: LegReceiver {
    private var login: UpstreamLogin
    private var decoder = FrameDecoder(.backend)
    private let keys: SCRAMKeyCache
    private let leg: ReactorLeg
    private let loop: any SessionLoop
    private var completion: ((Result<UpstreamIdentity, any Error>) -> Void)?
    private var limit: (any LoopTimer)?

    private init(
        _ login: UpstreamLogin, keys: SCRAMKeyCache, leg: ReactorLeg, loop: any SessionLoop,
        completion: @escaping (Result<UpstreamIdentity, any Error>) -> Void
    ) {
        self.login = login
        self.keys = keys
        self.leg = leg
        self.loop = loop
        self.completion = completion
    }

    /// - Parameters:
    ///   - leg: Open, with nobody attached. Afterwards it is again, unless the login failed and it was aborted.
    ///   - late: The failure when it takes longer than `seconds`.
    static func start(
        _ login: UpstreamLogin, keys: SCRAMKeyCache, leg: ReactorLeg, loop: any SessionLoop, seconds: Int64,
        late: SidecarError, completion: @escaping (Result<UpstreamIdentity, any Error>) -> Void
    ) {
        let attempt = ReactorLogin(login, keys: keys, leg: leg, loop: loop, completion: completion)
        let deadline = SystemClock.uptimeNanoseconds() + UInt64(max(0, seconds)) * 1_000_000_000
        attempt.limit = loop.schedule(at: deadline) { attempt.fail(late) }
        leg.attach(attempt)
        leg.setReading(true)
        attempt.perform(attempt.login.start())
    }

    func received(_ bytes: Span<UInt8>, on side: LegSide) {
        decoder.append(bytes)
        do {
            while completion != nil, let frame = try decoder.peek() {
                let message = try BackendMessage(tag: frame.tag, body: ByteReader(decoder.bytes, in: frame.body))
                decoder.consume(frame)
                perform(try login.receive(UpstreamLogin.Input(message)))
            }
        } catch {
            fail(error)
        }
    }

    func readCompleted(on side: LegSide) {}
    func writabilityChanged(_ side: LegSide) {}
    func tlsEstablished() {}

    func closed(_ side: LegSide, reason: (any Error)?) {
        fail(ConnectFailure(detail: "the server closed the connection during the login"))
    }

    private func perform(_ action: UpstreamLogin.Action) {
        let bytes = action.bytes
        if !bytes.isEmpty {
            leg.send(bytes.span)
            leg.flush()
        }
        switch action {
        case .derive(let derivation):
            let bound = LoopBound(self, on: loop)
            keys.keys(for: derivation) { result in bound.run { $0.derived(result) } }
        case .ready(let identity):
            // Notices and parameters may follow ReadyForQuery at once, whole or in part.
            leg.detach(Array(decoder.bytes.suffix(decoder.buffered)))
            finish(.success(identity))
        case .sendStartup, .sendPassword, .sendSASLInitialResponse, .sendSASLResponse, .wait:
            break
        }
    }

    private func derived(_ result: Result<SCRAMKeys, any Error>) {
        guard completion != nil else { return }
        do {
            perform(try login.derived(try result.get()))
        } catch {
            fail(error)
        }
    }

    private func fail(_ error: any Error) {
        guard completion != nil else { return }
        leg.abort()
        finish(.failure(error))
    }

    private func finish(_ result: Result<UpstreamIdentity, any Error>) {
        limit?.cancel()
        limit = nil
        let completion = completion
        self.completion = nil
        completion?(result)
    }
}
