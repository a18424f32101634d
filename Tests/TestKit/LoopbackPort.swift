import Glibc

/// A port of the loopback interface that is the test's as long as this value lives.
///
/// The socket that holds it is bound and does not listen. So connections are refused; the kernel gives the port to nobody else, neither to listen
/// on nor as the near end of a connection (a client that tries again and again where nobody listens may otherwise be
/// connected to itself); and a server that sets SO_REUSEADDR, as all do, can listen on it, end, and listen on it again.
public final class LoopbackPort: Sendable, CustomStringConvertible {
    public struct NoneFree: Error {}

    public let number: Int
    private let descriptor: Int32

    public init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw NoneFree() }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, length) == 0 && getsockname(descriptor, raw, &length) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            throw NoneFree()
        }
        self.descriptor = descriptor
        number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }

    /// The number.
    public var description: String { "\(number)" }

    /// Whether somebody accepts connections on it.
    public var isListening: Bool { Self.isListening(number) }

    /// As the kernel's table tells (proc(5), net/tcp: the local address, and the state, 0A for listening): a connection that was made to
    /// find out would be one that the server has to deal with.
    public static func isListening(_ number: Int) -> Bool {
        let table = kernelTable()
        let digits = String(number, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        return table.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[1].hasSuffix(suffix) && fields[3] == "0A"
        }
    }

    /// All of it. Such a file says that it is empty, and Foundation reads one page of it and no more.
    private static func kernelTable() -> String {
        let descriptor = open("/proc/net/tcp", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &part, part.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += part[..<count]
        }
    }
}
