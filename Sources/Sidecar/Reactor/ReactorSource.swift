/// Something that a ``Reactor`` watches: a descriptor, and what is done when it is ready. On the reactor's thread alone.
class ReactorSource {
    final let reactor: Reactor
    final let descriptor: Int32

    init(_ descriptor: Int32, on reactor: Reactor) {
        self.descriptor = descriptor
        self.reactor = reactor
    }

    /// - Parameter events: `EPOLLIN`, `EPOLLOUT`, `EPOLLHUP`, `EPOLLERR`.
    func ready(_ events: UInt32) {}

    /// The descriptor is about to be closed.
    func closing() {}

    /// The descriptor has been closed after ``Reactor/retire(_:)``.
    func retired() {}

    /// The reactor ends.
    func shutDown() {
        reactor.retire(self)
    }
}
