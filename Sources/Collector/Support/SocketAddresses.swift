import GRPCNIOTransportHTTP2
import NIOCore

extension ListenAddress {
    /// The address as the gRPC transport wants it: by number.
    func resolved() throws(CollectorError) -> GRPCNIOTransportCore.SocketAddress {
        let numeric: NIOCore.SocketAddress
        do {
            numeric = try NIOCore.SocketAddress.makeAddressResolvingHost(host, port: port)
        } catch {
            throw CollectorError(.address, "\(host) is not a host name or address of this machine", cause: error)
        }
        switch numeric {
        case .v4: return .ipv4(host: numeric.ipAddress ?? host, port: port)
        case .v6: return .ipv6(host: numeric.ipAddress ?? host, port: port)
        case .unixDomainSocket(let path):
            throw CollectorError(.address, "\(path) is not a host and port")
        }
    }

    /// Nil for what is no internet address.
    init?(_ address: GRPCNIOTransportCore.SocketAddress) {
        if let v4 = address.ipv4 {
            self.init(host: v4.host, port: v4.port)
        } else if let v6 = address.ipv6 {
            self.init(host: v6.host, port: v6.port)
        } else {
            return nil
        }
    }
}
