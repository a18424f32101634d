import CEpoll
import Glibc
import Synchronization
import TestKit

@testable import Sidecar

/// Two ends of a connection: one for a leg, the other, which blocks, for the test.
struct SocketPair {
    let leg: Int32
    let peer: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw SocketError(number: errno)
        }
        (leg, peer) = (ends[0], ends[1])
        _ = fcntl(leg, F_SETFL, O_NONBLOCK)
    }

    func write(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(peer, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// - Returns: fewer bytes than asked for only at the end.
    func read(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < count {
            let got = recv(peer, &buffer, min(buffer.count, count - bytes.count), 0)
            guard got > 0 else { break }
            bytes.append(contentsOf: buffer[..<got])
        }
        return bytes
    }
}

/// What a loop's tasks leave for the test.
final class Kept<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) {
        self.value = Mutex(value)
    }

    var now: Value { value.withLock { $0 } }
    func change(_ body: @Sendable (inout Value) -> Void) { value.withLock { body(&$0) } }
}

/// What a receiver has heard, as the test sees it.
typealias Heard = Kept<HeardState>

struct HeardState: Sendable {
    var bytes: [UInt8] = []
    var closed = 0
    var reason: String?
    var changes = 0
}

/// Keeps what arrives, and sends it back or on where it is told to.
final class TestReceiver: LegReceiver {
    let heard: Heard
    /// Whom what arrives is sent to.
    var target: (any Leg)?
    /// Whose reads stop while the target takes nothing.
    var controlled: (any Leg)?

    init(_ heard: Heard) {
        self.heard = heard
    }

    func received(_ bytes: Span<UInt8>, on side: LegSide) {
        let copy = bytes.withUnsafeBytes { Array($0) }
        heard.change { $0.bytes.append(contentsOf: copy) }
        target?.send(bytes)
    }

    func readCompleted(on side: LegSide) {
        target?.flush()
    }

    func writabilityChanged(_ side: LegSide) {
        heard.change { $0.changes += 1 }
        if let target, let controlled { controlled.setReading(target.isWritable) }
    }

    func tlsEstablished() {}

    func closed(_ side: LegSide, reason: (any Error)?) {
        let text = reason.map { "\($0)" }
        heard.change { state in
            state.closed += 1
            state.reason = text
        }
        target?.closeAfterFlush()
        target = nil
        controlled = nil
    }
}

extension Reactor {
    /// Runs something on the loop and waits for what it gives.
    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            execute { continuation.resume(returning: body()) }
        }
    }

    /// A leg that reads, and hands what arrives to a receiver.
    func leg(
        _ descriptor: Int32, side: LegSide = .client, isReading: Bool = true,
        receiver: @escaping @Sendable () -> TestReceiver
    ) async -> LoopBound<ReactorLeg> {
        await run {
            let leg = ReactorLeg(descriptor, side: side, on: self)
            _ = leg.open()
            leg.attach(receiver())
            leg.setReading(isReading)
            return LoopBound(leg, on: self)
        }
    }
}
