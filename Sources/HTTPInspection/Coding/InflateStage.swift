import CZlib

/// gzip (RFC 1952) and deflate (RFC 1950; without its wrapping, RFC 1951, as old servers send it and every client takes it).
@safe final class InflateStage: CodingStage {
    enum Wrapping {
        case gzip, deflate
    }

    private enum State {
        /// Of deflate: whether it is wrapped is seen by the first two bytes.
        case unknown(first: UInt8?)
        case running
        /// gzip may go on with another member.
        case ended
    }

    private let wrapping: Wrapping
    private let stream: UnsafeMutablePointer<z_stream>
    private var state: State

    /// - Throws: where there is no memory.
    init(_ wrapping: Wrapping) throws(HTTPError) {
        self.wrapping = wrapping
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        state = wrapping == .gzip ? .running : .unknown(first: nil)
        // 32 KiB of window, the greatest there is; 16 more means gzip. deflate's is set when it is known.
        let result = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            unsafe stream.deallocate()
            throw .noMemory
        }
    }

    deinit {
        _ = unsafe inflateEnd(stream)
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    var isComplete: Bool {
        if case .ended = state { true } else { false }
    }

    func step(
        _ input: Span<UInt8>, into window: inout [UInt8], room: Int
    ) throws(HTTPError) -> (taken: Int, given: Int) {
        guard !input.isEmpty || !isComplete else { return (0, 0) }
        switch state {
        case .running: return try inflate(input, into: &window, room: room)
        case .ended:
            guard wrapping == .gzip else { throw .trailingCoding }
            guard unsafe inflateReset(stream) == Z_OK else { throw .malformedCoding }
            state = .running
            return try inflate(input, into: &window, room: room)
        case .unknown(nil):
            guard !input.isEmpty else { return (0, 0) }
            state = .unknown(first: input[0])
            return (1, 0)
        case .unknown(let first?):
            guard !input.isEmpty else { return (0, 0) }
            guard unsafe inflateReset2(stream, InflateStage.isWrapped(first, input[0]) ? 15 : -15) == Z_OK else {
                throw .malformedCoding
            }
            state = .running
            // One byte comes to nothing: a block's first bits, or half of the wrapping.
            let before = [first]
            guard try inflate(before.span, into: &window, room: room) == (1, 0) else { throw .malformedCoding }
            return try inflate(input, into: &window, room: room)
        }
    }

    /// RFC 1950 §2.2: the method, a window that there is, and the check bits.
    private static func isWrapped(_ first: UInt8, _ second: UInt8) -> Bool {
        first & 0x0F == 8 && first >> 4 <= 7 && (Int(first) << 8 | Int(second)) % 31 == 0
    }

    private func inflate(
        _ input: Span<UInt8>, into window: inout [UInt8], room: Int
    ) throws(HTTPError) -> (taken: Int, given: Int) {
        let stream = unsafe stream
        let offered = min(input.count, Int(CInt.max))
        let space = min(room, window.count)
        let result = unsafe input.withUnsafeBufferPointer { input in
            unsafe window.withUnsafeMutableBufferPointer { output in
                unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: input.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(truncatingIfNeeded: offered)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(truncatingIfNeeded: space)
                defer {
                    unsafe stream.pointee.next_in = nil
                    unsafe stream.pointee.next_out = nil
                }
                return unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            }
        }
        let step = unsafe (
            taken: offered - Int(stream.pointee.avail_in), given: space - Int(stream.pointee.avail_out)
        )
        switch result {
        case Z_STREAM_END: state = .ended
        case Z_OK, Z_BUF_ERROR:
            // Neither more output nor more input could bring it on.
            guard step != (0, 0) || input.isEmpty else { throw .malformedCoding }
        case Z_MEM_ERROR: throw .noMemory
        // Z_NEED_DICT: a dictionary that nobody named.
        default: throw .malformedCoding
        }
        return step
    }
}
