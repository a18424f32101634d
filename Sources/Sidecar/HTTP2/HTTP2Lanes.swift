import HTTPInspection
import NIOCore
import WireBytes

/// The sessions of one HTTP/2 connection, for its streams to take in turn. On the connection's event loop alone.
final class HTTP2Lanes {
    /// So many wait for the next stream, each with its connection to the upstream.
    private static let waiting = 8

    private let connection: HTTP2Connection
    private let loop: NIOSessionLoop
    private var free: [HTTP2Lane] = []
    private var all: [ObjectIdentifier: HTTP2Lane] = [:]

    init(_ connection: HTTP2Connection, _ loop: NIOSessionLoop) {
        self.connection = connection
        self.loop = loop
    }

    var isEmpty: Bool { all.isEmpty }

    /// - Returns: `nil` where no session can begin.
    func take() -> HTTP2Lane? {
        if let lane = free.popLast() { return lane }
        let lane = HTTP2Lane(self, loop)
        // A connection outlives policies; a session that begins is of the one in force.
        guard let runtime = connection.environment.current.runtime(connection.resource),
            let driver = HTTPSessionDriver(
                environment: connection.environment, runtime: runtime, client: lane, loop: loop)
        else { return nil }
        all[ObjectIdentifier(lane)] = lane
        lane.driver = driver
        driver.begin()
        return lane.isOpen ? lane : nil
    }

    /// A lane whose exchange is over.
    func giveBack(_ lane: HTTP2Lane) {
        guard free.count < Self.waiting else { return lane.abort() }
        free.append(lane)
    }

    /// A lane whose session is over.
    func remove(_ lane: HTTP2Lane) {
        all[ObjectIdentifier(lane)] = nil
        free.removeAll { $0 === lane }
    }

    func closeAll() {
        for lane in all.values { lane.abort() }
    }
}

/// The client's leg of a session whose exchanges come as streams, one after the other.
final class HTTP2Lane: ClientLeg {
    weak var driver: HTTPSessionDriver?

    private let lanes: HTTP2Lanes
    private let loop: NIOSessionLoop
    private var receiver: (any LegReceiver)?
    private var stream: HTTP2StreamHandler?
    private var answers = HTTP2AnswerReader(answering: .ordinary)
    private var input = InputBuffer()
    private var isReading = false
    private(set) var isOpen = true

    init(_ lanes: HTTP2Lanes, _ loop: NIOSessionLoop) {
        self.lanes = lanes
        self.loop = loop
    }

    // MARK: The stream's side

    func begin(_ stream: HTTP2StreamHandler) {
        self.stream = stream
        answers = HTTP2AnswerReader(answering: .ordinary)
        input.removeAll()
        stream.setReading(isReading)
    }

    /// - Parameter kind: What the framing of the answer depends on, once the request's head is known.
    func expect(_ kind: HTTPRequestKind) {
        answers = HTTP2AnswerReader(answering: kind)
    }

    func received(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        receiver?.received(bytes.span, on: .client)
    }

    func readCompleted() {
        receiver?.readCompleted(on: .client)
    }

    /// What came is no request.
    func refuse(_ error: HTTPError) {
        driver?.feed(.requestRefused(error))
    }

    func writabilityChanged() {
        receiver?.writabilityChanged(.client)
    }

    /// The stream is over, and so is its exchange.
    func finished() {
        stream = nil
        if isOpen { lanes.giveBack(self) }
    }

    /// The stream is over before its exchange.
    func broken() {
        stream = nil
        abort()
    }

    // MARK: Leg

    var isWritable: Bool { stream?.isWritable ?? true }
    var unsentBytes: Int { input.count }

    func attach(_ receiver: any LegReceiver) {
        self.receiver = receiver
    }

    func send(_ bytes: Span<UInt8>) {
        input.append(bytes)
        do throws(HTTPError) {
            while let stream, let part = try answers.next(in: &input) {
                switch part {
                case .head(let fields, let endsStream): stream.send(fields, endsStream: endsStream)
                case .body(let range): stream.send(input.bytes.span.extracting(range))
                case .end(let trailers): stream.end(trailers)
                }
            }
        } catch {
            stream?.reset()
        }
    }

    func flush() {
        stream?.flush()
    }

    func setReading(_ isReading: Bool) {
        self.isReading = isReading
        stream?.setReading(isReading)
    }

    /// The connection has its TLS already.
    func startTLS() {}

    func handOver(to connection: HTTP2Connection, _ read: [UInt8]) {
        abort()
    }

    func closeAfterFlush() {
        stream?.flush()
        abort()
    }

    func abort() {
        guard isOpen else { return }
        isOpen = false
        lanes.remove(self)
        // An answer that is whole stays so; of another the client learns that it is not.
        stream?.reset()
        stream = nil
        // Whoever closes a leg does not expect to hear of it at once.
        let lane = NIOLoopBound(self, eventLoop: loop.eventLoop)
        loop.eventLoop.execute {
            let receiver = lane.value.receiver
            lane.value.receiver = nil
            receiver?.closed(.client, reason: nil)
        }
    }
}
