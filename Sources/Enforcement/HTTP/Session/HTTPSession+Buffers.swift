import WireBytes

/// What the session holds of bodies under way.
extension HTTPSession {
    /// Says how many bytes for the client or the upstream wait for a socket that does not take them. Nothing is refused for it: while a
    /// side takes nothing, what makes more of it is not read.
    public mutating func noteUnsent(_ bytes: Int) {
        guard bytes != unsent else { return }
        unsent = bytes
        _ = hold(heldBytes, mayRefuse: false)
    }

    private var heldBytes: Int {
        client.capacity + upstream.capacity + unsent + (exchange?.body.capacity ?? 0)
    }

    /// Takes room for what the session holds, or gives back what it holds no more.
    ///
    /// - Throws: When all sessions together would hold too much.
    mutating func holdBuffers() throws(HTTPFault) {
        let held = heldBytes
        if share == nil, held <= BufferShare.free { return }
        guard hold(held, mayRefuse: true) else {
            throw HTTPFault(
                status: 503,
                message: "The sidecar has no room for a body this long: its sessions may hold "
                    + "\(services.buffers.limit >> 20) MiB of such bodies together.",
                reason: "no room in the buffers of all sessions")
        }
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

    /// The session is over, and holds no more than what is still to be sent.
    mutating func releaseBuffers() {
        client.removeAll()
        upstream.removeAll()
        _ = hold(heldBytes, mayRefuse: false)
    }
}
