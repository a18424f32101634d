import PostgresWire

/// What the session holds of messages under way.
extension PostgresSession {
    /// Says how many bytes for the client or the upstream wait for a socket that does not take them. Nothing is refused for
    /// it: while a side takes nothing, what makes more of it is not read.
    public mutating func noteUnsent(_ bytes: Int) {
        guard bytes != unsent else { return }
        unsent = bytes
        _ = hold(heldBytes, mayRefuse: false)
    }

    private var heldBytes: Int { client.capacity + upstream.capacity + unsent }

    /// Takes room for what the session holds, or gives back what it holds no more.
    ///
    /// - Parameter more: Bytes that it is about to hold besides.
    /// - Throws: When all sessions together would hold too much.
    @inline(__always)
    mutating func holdBuffers(and more: Int = 0) throws(SessionFault) {
        let held = heldBytes + more
        if share == nil, held <= BufferShare.free { return }
        guard hold(held, mayRefuse: true) else { throw noRoom() }
    }

    private mutating func hold(_ bytes: Int, mayRefuse: Bool) -> Bool {
        guard bytes > BufferShare.free else {
            share = nil
            return true
        }
        let share = share ?? BufferShare(of: services.buffers)
        self.share = share
        return share.hold(bytes, mayRefuse: mayRefuse)
    }

    private func noRoom() -> SessionFault {
        SessionFault(
            sqlState: "53200",
            message: "The sidecar has no room for a message this long: its sessions may hold "
                + "\(services.buffers.limit >> 20) MiB of such messages together.",
            hint: "Ask for large values in parts (substring) or one at a time; whoever operates the sidecar can set "
                + "--buffer-limit.",
            reason: "no room in the buffers of all sessions")
    }

    /// The session is over, and holds no more than what is still to be sent.
    mutating func releaseBuffers() {
        client.removeAll()
        upstream.removeAll()
        _ = hold(heldBytes, mayRefuse: false)
    }
}
