import CEpoll

/// Gives large buffers back to the system when they are freed.
///
/// glibc takes blocks of up to 32 MiB from its heap once one of that size was freed, and then keeps twice that for later: a
/// single long row would stay resident for as long as the process runs.
enum LargeBlocks {
    /// Blocks from this size on are mappings of their own. What reads of sockets grow to is smaller, and is used again.
    private static let mapped: Int32 = 1 << 20
    /// So much that is free at a heap's end stays for the next allocations.
    private static let kept: Int32 = 2 << 20

    static func giveBackWhenFreed() {
        _ = mallopt(M_MMAP_THRESHOLD, mapped)
        _ = mallopt(M_TRIM_THRESHOLD, kept)
    }
}
