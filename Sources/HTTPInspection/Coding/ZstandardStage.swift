import CZstd

/// Zstandard (RFC 8878, as RFC 9659 has it for content).
@safe final class ZstandardStage: CodingStage {
    private enum State {
        /// A frame's magic number, as far as it came: the library would also read formats older than the RFC.
        case magic([UInt8])
        case frame
    }

    private let context: OpaquePointer
    private var state = State.magic([])
    private var hasFrame = false
    /// Whether the library may have more to give without more input. Asked too often for nothing, it takes that for an error.
    private var mayHaveMore = false

    /// - Throws: where there is no memory.
    init() throws(HTTPError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw .noMemory }
        unsafe self.context = unsafe context
        let result = unsafe ZSTD_DCtx_setParameter(
            context, ZSTD_d_windowLogMax, CInt(HTTPLimits.zstandardWindow))
        guard ZSTD_isError(result) == 0 else { throw .noMemory }
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    var isComplete: Bool {
        if case .magic(let bytes) = state { hasFrame && bytes.isEmpty } else { false }
    }

    func step(
        _ input: Span<UInt8>, into window: inout [UInt8], room: Int
    ) throws(HTTPError) -> (taken: Int, given: Int) {
        guard case .magic(var magic) = state else { return try decompress(input, into: &window, room: room) }
        let wanted = min(4 - magic.count, input.count)
        for index in 0..<wanted { magic.append(input[index]) }
        state = .magic(magic)
        guard magic.count == 4 else { return (wanted, 0) }
        guard ZstandardStage.isFrame(magic) else { throw hasFrame ? .trailingCoding : .malformedCoding }
        state = .frame
        hasFrame = true
        guard try decompress(magic.span, into: &window, room: room) == (4, 0) else { throw .malformedCoding }
        return (wanted, 0)
    }

    /// A frame's magic number, or a skippable one's (RFC 8878 §3.1), which holds nothing for the recipient.
    private static func isFrame(_ magic: [UInt8]) -> Bool {
        magic == [0x28, 0xB5, 0x2F, 0xFD] || magic[0] & 0xF0 == 0x50 && magic[1...] == [0x2A, 0x4D, 0x18]
    }

    private func decompress(
        _ input: Span<UInt8>, into window: inout [UInt8], room: Int
    ) throws(HTTPError) -> (taken: Int, given: Int) {
        guard !input.isEmpty || mayHaveMore else { return (0, 0) }
        let context = unsafe context
        let space = min(room, window.count)
        var step = (taken: 0, given: 0)
        let result = unsafe input.withUnsafeBufferPointer { input in
            unsafe window.withUnsafeMutableBufferPointer { output in
                var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
                var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: space, pos: 0)
                let result = unsafe ZSTD_decompressStream(context, &target, &source)
                step = unsafe (taken: source.pos, given: target.pos)
                return result
            }
        }
        guard ZSTD_isError(result) == 0 else { throw .malformedCoding }
        mayHaveMore = step.given == space
        // Zero: a frame is over, and all of it was given.
        if result == 0 { state = .magic([]) }
        guard step != (0, 0) || input.isEmpty || result == 0 else { throw .malformedCoding }
        return step
    }
}
