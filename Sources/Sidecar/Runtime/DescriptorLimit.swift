public import Logging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How many descriptors the process may have open: two for each session, and some of its own.
public enum DescriptorLimit {
    /// Raises the soft limit to the hard one.
    ///
    /// The soft limit is often 1,024, for programs that use `select`, which cannot count further; nothing here does. What the
    /// administrator means to bound is the hard limit.
    public static func raise(logger: Logger) {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        let before = limit.rlim_cur
        if before < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            guard setrlimit(resource, &limit) == 0 else {
                logger.warning(
                    "the limit of open files cannot be raised", metadata: ["limit": "\(before)", "errno": "\(errno)"])
                return
            }
        }
        logger.info("open files", metadata: ["limit": "\(limit.rlim_cur)", "before": "\(before)"])
    }

    #if canImport(Glibc)
        static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        static let resource = Int32(RLIMIT_NOFILE)
    #endif
}
