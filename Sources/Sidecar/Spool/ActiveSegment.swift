import Glibc
import Records

/// The segment that is being written, through a mapping: an append is a copy in memory, and what was copied is the
/// kernel's to write, whatever becomes of this process.
///
/// Unchecked: a pointer is not `Sendable`. The spool's lock guards what appends; what is marked as the committer's is done
/// under the committer's lock alone, and leaves the bytes as they are.
final class ActiveSegment: @unchecked Sendable {
    let file: FileDescriptor
    let header: SegmentHeader
    let capacity: Int
    /// Where the next frame goes.
    private(set) var end = SegmentHeader.byteCount
    /// Up to here, what was appended is on the disk. The committer's.
    private(set) var synchronized = 0
    /// Up to here, whole pages have been given back to the page cache. The committer's.
    private var released = 0
    private let framing: SegmentFraming
    private let memory: UnsafeMutableRawPointer

    /// Makes the file, with every block of it allocated: a disk that is full is an error here, and not a signal at the
    /// first touch of a page that cannot be backed.
    ///
    /// - Throws: ``SpoolError/Code/full`` when the disk has no room; the file is then removed.
    init(_ header: SegmentHeader, capacity: Int, in directory: SpoolDirectory) throws(SpoolError) {
        let path = directory.path(ofSegment: header.number)
        self.header = header
        self.capacity = capacity
        framing = SegmentFraming(header)
        file = try FileDescriptor(path: path, flags: O_RDWR | O_CREAT | O_EXCL)
        do throws(SpoolError) {
            var result: Int32
            repeat { result = posix_fallocate(file.number, 0, capacity) } while result == EINTR
            guard result == 0 else {
                throw SystemCall.error("allocate \(capacity) bytes for \(path)", result)
            }
            try SystemCall.write(header.encoded, to: file, at: 0)
            guard let memory = mmap(nil, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0),
                memory != MAP_FAILED
            else { throw SystemCall.error("map \(path)") }
            self.memory = memory
        } catch {
            unlink(path)
            throw error
        }
    }

    deinit { munmap(memory, capacity) }

    func hasRoom(for byteCount: Int, keeping reserve: Int) -> Bool {
        byteCount <= capacity - reserve - end
    }

    /// Writes a frame.
    ///
    /// - Parameter fill: Writes the content where it stays, exactly `count` bytes.
    /// - Returns: Whether it fitted; else `fill` was not called.
    func append(_ count: Int, kind: SegmentFrame.Kind, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> Bool {
        let byteCount = SegmentFrame.byteCount(contentByteCount: count)
        guard byteCount <= capacity - end else { return false }
        let content = UnsafeMutableRawBufferPointer(start: memory + end + SegmentFrame.headByteCount, count: count)
        fill(content)
        guard let head = framing.head(of: Span(_unsafeBytes: UnsafeRawBufferPointer(content)), kind: kind) else {
            return false
        }
        // Last, and as one word: a reader of the file sees no frame, or all of it.
        memory.storeBytes(of: head.littleEndian, toByteOffset: end, as: UInt64.self)
        end += byteCount
        return true
    }

    // MARK: The committer's

    private static let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))

    /// Forces what lies before an end to the disk, and no page more: those that are ready for what comes next stay ready.
    /// Blocks. Appends go on meanwhile.
    func synchronize(upTo end: Int) throws(SpoolError) {
        guard end > synchronized else { return }
        let start = synchronized / Self.pageBytes * Self.pageBytes
        while msync(memory + start, end - start, MS_SYNC) != 0 {
            guard errno == EINTR else { throw SystemCall.error("force \(file.path) to the disk") }
        }
        synchronized = end
    }

    /// Lets go of the pages that are full: they stay in the page cache, and no longer count as this process's memory.
    func releasePages(before end: Int) {
        let full = end / Self.pageBytes * Self.pageBytes
        guard full > released else { return }
        madvise(memory + released, full - released, MADV_DONTNEED)
        released = full
    }

    /// Makes the pages from an end on ready to be written. The first touch of a page, and the first after it was forced to
    /// the disk, is a fault that takes longer than all else that an append does, and where the file system's journal is
    /// busy a thousand times as long.
    func preparePages(from end: Int, byteCount: Int) {
        let start = end / Self.pageBytes * Self.pageBytes
        let stop = min(capacity, end + byteCount)
        guard stop > start else { return }
        // Where the kernel knows no such advice (before 5.14), the faults are taken as they come.
        madvise(memory + start, stop - start, MADV_POPULATE_WRITE)
    }

    /// Cuts off what was not used, and forces all to the disk. Nothing is appended any more, and the mapping is not
    /// touched beyond ``end``.
    func finish() throws(SpoolError) {
        guard ftruncate(file.number, end) == 0 else { throw SystemCall.error("truncate \(file.path)") }
        try file.synchronize()
    }
}
