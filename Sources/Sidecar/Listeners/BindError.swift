import NIOCore

/// What went wrong when a listener was bound, with the mend.
///
/// - Parameter what: whose address it is, as "resource 'customers-db'".
func bindError(_ error: any Error, what: String, endpoint: Endpoint) -> SidecarError {
    let number: Int32
    switch error {
    case let error as SidecarError: return error
    case let error as SocketError: number = error.number
    case let error as IOError: number = error.errnoCode
    default: return SidecarError(.unavailable, "\(what): cannot listen on \(endpoint): \(error).")
    }
    switch number {
    case EADDRINUSE:
        return SidecarError(
            .unavailable, "\(what): \(endpoint) is in use by another program; stop it, or listen somewhere else.")
    case EADDRNOTAVAIL:
        return SidecarError(.config, "\(what): this host has no address \(endpoint).")
    case EACCES, EPERM:
        return SidecarError(
            .permission,
            "\(what): this user may not listen on \(endpoint); take a port above 1023, or a folder it may write.")
    case ENOENT:
        return SidecarError(.noInput, "\(what): the folder of \(endpoint) does not exist.")
    default:
        return SidecarError(.unavailable, "\(what): cannot listen on \(endpoint): \(systemMessage(number)).")
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
