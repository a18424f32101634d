import CEpoll
import Glibc

/// A leg that is a non-blocking socket on a ``Reactor``.
///
/// What is sent goes to the kernel at once; only what the kernel does not take is kept. What arrives is read into
/// the reactor's one buffer and handed on as a view of it. So a leg that waits holds no buffer at all.
final class ReactorLeg: ReactorSource, ClientLeg {
    /// With this much unsent, what makes more of it is not read: one read of the other side may come on top.
    static let highWater = 64 << 10

    private let side: LegSide
    private var receiver: (any LegReceiver)?
    private(set) var isOpen = false
    private var isClosing = false
    private var failure: SocketError?
    private var closingLimit: (any LoopTimer)?

    /// What the kernel did not take: it goes when the kernel says so.
    private var unsent: [UInt8] = []
    /// How much of `unsent` has gone.
    private var sent = 0
    private var isBlocked: Bool { !unsent.isEmpty }
    private var isReading = false
    /// What epoll was told.
    private var interest: UInt32 = 0
    /// The peer has gone while nothing was read: epoll would tell so without end.
    private var isParked = false
    /// What came behind a login, for the receiver that attaches next.
    private var early: [UInt8] = []

    /// - Parameter descriptor: A connected, non-blocking socket. The leg closes it.
    init(_ descriptor: Int32, side: LegSide, on reactor: Reactor) {
        self.side = side
        super.init(descriptor, on: reactor)
    }

    /// Begins to watch the socket.
    ///
    /// - Returns: `false` for one that cannot be watched, which is closed.
    func open() -> Bool {
        isOpen = reactor.add(self, 0)
        if !isOpen { close(descriptor) }
        return isOpen
    }

    // MARK: Leg

    private(set) var isWritable = true

    var unsentBytes: Int { unsent.count }

    func attach(_ receiver: any LegReceiver) {
        self.receiver = receiver
        guard !early.isEmpty else { return }
        let bytes = early
        early = []
        receiver.received(bytes.span, on: side)
        receiver.readCompleted(on: side)
    }

    /// Takes the receiver away and stops reading.
    ///
    /// - Parameter rest: what the receiver was given and is not for it.
    func detach(_ rest: [UInt8]) {
        receiver = nil
        early = rest
        setReading(false)
    }

    func send(_ bytes: Span<UInt8>) {
        guard isOpen, !isClosing else { return }
        bytes.withUnsafeBytes { bytes in
            // While the kernel takes nothing, a try for each message would be in vain.
            let taken = isBlocked ? 0 : give(bytes)
            if taken < bytes.count, isOpen { keep(bytes[taken...]) }
        }
    }

    func flush() {}

    func setReading(_ isReading: Bool) {
        guard isReading != self.isReading, isOpen else { return }
        self.isReading = isReading
        updateInterest()
    }

    func startTLS() throws {
        throw SidecarError(.software, "TLS was begun on a connection that was not to have any.")
    }

    func handOver(to connection: HTTP2Connection, _ read: [UInt8]) {
        guard isOpen, !isClosing else { return }
        isOpen = false
        isWritable = false
        receiver = nil
        reactor.release(self)
        connection.take(descriptor, read)
    }

    func closeAfterFlush() {
        guard isOpen, !isClosing else { return }
        isClosing = true
        setReading(false)
        guard isBlocked else { return end(nil) }
        let limit = SystemClock.uptimeNanoseconds() + UInt64(closingSeconds) * 1_000_000_000
        closingLimit = reactor.schedule(at: limit) { [weak self] in self?.abort() }
    }

    func abort() {
        end(nil)
    }

    // MARK: The socket

    override func ready(_ events: UInt32) {
        if events & EPOLLOUT.rawValue != 0, isBlocked { giveUnsent() }
        if isReading {
            if events & (EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { read() }
        } else if events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0, isOpen {
            hungUp()
        }
    }

    private func read() {
        let buffer = reactor.readBuffer
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 {
            guard let receiver else { return }
            receiver.received(UnsafeBufferPointer(rebasing: buffer[..<count]).span, on: side)
            receiver.readCompleted(on: side)
        } else if count == 0 {
            end(nil)
        } else if errno != EAGAIN, errno != EINTR {
            end(SocketError(number: errno))
        }
    }

    /// Gives bytes to the kernel until it takes no more.
    ///
    /// - Returns: How many it took. After a failure the leg has ended.
    private func give(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let start = bytes.baseAddress else { return 0 }
        var taken = 0
        while taken < bytes.count {
            let count = Glibc.send(descriptor, start + taken, bytes.count - taken, Int32(MSG_NOSIGNAL))
            if count > 0 {
                taken += count
            } else if count == 0 || errno == EAGAIN {
                break
            } else if errno != EINTR {
                end(SocketError(number: errno))
                break
            }
        }
        return taken
    }

    private func keep(_ rest: Slice<UnsafeRawBufferPointer>) {
        unsent.append(contentsOf: rest)
        updateInterest()
        if isWritable, unsent.count - sent >= Self.highWater {
            isWritable = false
            receiver?.writabilityChanged(side)
        }
    }

    private func giveUnsent() {
        sent += unsent.withUnsafeBytes { give(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
        guard isOpen, sent == unsent.count else { return }
        unsent = []
        sent = 0
        if isClosing { return end(nil) }
        updateInterest()
        if !isWritable {
            isWritable = true
            receiver?.writabilityChanged(side)
        }
    }

    /// The peer has gone, and nothing is being read.
    private func hungUp() {
        // A client that is gone gets nothing any more. What a server said before it went is for the client, once that
        // takes bytes again.
        if side == .client || receiver == nil || isClosing {
            end(nil)
        } else {
            isParked = true
            interest = 0
            reactor.park(self)
        }
    }

    private func updateInterest() {
        let wanted = (isReading ? EPOLLIN.rawValue : 0) | (isBlocked ? EPOLLOUT.rawValue : 0)
        guard isOpen, wanted != interest else { return }
        interest = wanted
        if isParked {
            isParked = false
            reactor.unpark(self, wanted)
        } else {
            reactor.change(self, wanted)
        }
    }

    private func end(_ failure: SocketError?) {
        guard isOpen else { return }
        isOpen = false
        isWritable = false
        self.failure = failure
        unsent = []
        sent = 0
        closingLimit?.cancel()
        closingLimit = nil
        reactor.retire(self)
    }

    override func closing() {
        // Bytes that nobody read would make the kernel reset the connection, and the peer would lose our last words.
        if failure == nil { _ = recv(descriptor, reactor.readBuffer.baseAddress, reactor.readBuffer.count, 0) }
    }

    override func retired() {
        let receiver = receiver
        self.receiver = nil
        receiver?.closed(side, reason: failure)
    }

    override func shutDown() {
        abort()
    }
}

/// What the system said of a socket.
struct SocketError: Error, CustomStringConvertible {
    var number: Int32

    var description: String { systemMessage(number) }
}
