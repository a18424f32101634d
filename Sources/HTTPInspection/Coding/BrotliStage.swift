import CBrotli

/// Brotli (RFC 7932). Windows are 16 MiB at the most: larger ones are not of the RFC and are off in the library.
@safe final class BrotliStage: CodingStage {
    private let decoder: OpaquePointer
    private(set) var isComplete = false

    /// - Throws: where there is no memory.
    init() throws(HTTPError) {
        guard let decoder = unsafe BrotliDecoderCreateInstance(nil, nil, nil) else { throw .noMemory }
        unsafe self.decoder = unsafe decoder
    }

    deinit { unsafe BrotliDecoderDestroyInstance(decoder) }

    func step(
        _ input: Span<UInt8>, into window: inout [UInt8], room: Int
    ) throws(HTTPError) -> (taken: Int, given: Int) {
        if isComplete {
            guard input.isEmpty else { throw .trailingCoding }
            return (0, 0)
        }
        let decoder = unsafe decoder
        var left = input.count
        var space = min(room, window.count)
        let (offered, offeredSpace) = (left, space)
        let result = unsafe input.withUnsafeBufferPointer { input in
            unsafe window.withUnsafeMutableBufferPointer { output in
                var nextInput = input.baseAddress
                var nextOutput = output.baseAddress
                return unsafe BrotliDecoderDecompressStream(decoder, &left, &nextInput, &space, &nextOutput, nil)
            }
        }
        let step = (taken: offered - left, given: offeredSpace - space)
        switch result {
        case BROTLI_DECODER_RESULT_SUCCESS: isComplete = true
        case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT, BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
            guard step != (0, 0) || input.isEmpty else { throw .malformedCoding }
        default: throw .malformedCoding
        }
        return step
    }
}
