import Glibc
import Records

/// The segment that is being written, through a mapping: an append is a copy in memory, and what was copied is the
/// kernel's to write, whatever becomes of this process.
///
/// Unchecked: a pointer is not `Sendable`; the spool's lock guards every use.
final class ActiveSegment: @unchecked Sendable {
    let file: FileDescriptor
    let header: SegmentHeader
    let capacity: Int
    /// Where the next frame goes.
    private(set) var end = SegmentHeader.byteCount
    /// Up to here, whole pages have been given back to the page cache.
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

    /// Lets go of the pages that are full: they stay in the page cache, and no longer count as this process's memory.
    func releasePages() {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let full = end / page * page
        guard full > released else { return }
        madvise(memory + released, full - released, MADV_DONTNEED)
        released = full
    }

    /// Cuts off what was not used. The mapping must not be touched beyond ``end`` from here on, and is not: the spool
    /// drops the segment.
    func trim() throws(SpoolError) {
        guard ftruncate(file.number, end) == 0 else { throw SystemCall.error("truncate \(file.path)") }
    }
}
