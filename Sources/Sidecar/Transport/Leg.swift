/// Which of a session's two connections.
enum LegSide: Sendable {
    case client, upstream
}

/// One of a session's two connections: bytes out, bytes in, and whether more is read. Lives on its session's loop, and is
/// used there alone.
protocol Leg: AnyObject {
    /// Whether anything can still be sent.
    var isOpen: Bool { get }

    /// Whether what was sent has gone, or nearly: while it has not, nothing that makes more of it should be read.
    var isWritable: Bool { get }

    /// Bytes that were sent and that the kernel has not taken.
    var unsentBytes: Int { get }

    /// From now on, what arrives goes to `receiver`; first what came before. Reading begins with ``setReading(_:)``.
    func attach(_ receiver: any LegReceiver)

    /// Takes bytes that are to be sent. They go at once or, at the latest, with the next ``flush()``.
    func send(_ bytes: Span<UInt8>)

    func flush()

    /// Has the connection read from now on, or not. Cheap when nothing changes.
    func setReading(_ isReading: Bool)

    /// Sends what was given, then closes. A peer that takes nothing for five seconds is cut off.
    func closeAfterFlush()

    /// Closes now.
    func abort()
}

/// The client's connection, which may become TLS.
protocol ClientLeg: Leg {
    /// What was sent so far goes in the clear; then a TLS server handshake begins with the client's next byte.
    ///
    /// - Throws: when there is no TLS to be had here.
    func startTLS() throws

    /// Gives the connection up to whoever speaks HTTP/2 on it. Nobody hears of the leg any more.
    ///
    /// - Parameter read: What was read of it so far.
    func handOver(to connection: HTTP2Connection, _ read: [UInt8])
}

/// Whoever hears what happens on a leg: the session.
protocol LegReceiver: AnyObject {
    /// - Parameter bytes: never empty.
    func received(_ bytes: Span<UInt8>, on side: LegSide)
    /// All that was there to read in one go has been received.
    func readCompleted(on side: LegSide)
    /// ``Leg/isWritable`` is another than it was.
    func writabilityChanged(_ side: LegSide)
    /// The handshake that ``ClientLeg/startTLS()`` began is complete.
    func tlsEstablished()
    /// The connection has ended; nothing more comes from this leg.
    ///
    /// - Parameter reason: `nil` for an orderly end.
    func closed(_ side: LegSide, reason: (any Error)?)
}

/// How long a peer may take for the last bytes of a connection.
let closingSeconds: Int64 = 5
