import CZstd

/// Zstandard (RFC 8878), one frame at a time, with the content of earlier frames to refer to.
///
/// A context holds tables that are made once. Not `Sendable`: it belongs to one connection's task.
@safe package final class ZstandardCompressor {
    private let context: OpaquePointer

    /// - Parameter level: As the library counts, from fast and negative to slow.
    /// - Throws: ``RecordError/Code/compression`` when there is no memory.
    package init(level: Int32) throws(RecordError) {
        guard let context = unsafe ZSTD_createCCtx() else {
            throw RecordError(.compression, "batch: no memory to compress with")
        }
        unsafe self.context = unsafe context
        for (parameter, value) in [(ZSTD_c_compressionLevel, level), (ZSTD_c_checksumFlag, 1)] {
            let result = unsafe ZSTD_CCtx_setParameter(context, parameter, value)
            try Zstandard.check(result)
        }
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    /// - Parameter history: What the other side has, too.
    package func compress(_ content: [UInt8], history: [UInt8]) throws(RecordError) -> [UInt8] {
        let context = unsafe self.context
        var result = 0
        let compressed = unsafe history.withUnsafeBytes { history in
            unsafe content.withUnsafeBytes { content in
                let capacity = ZSTD_compressBound(content.count)
                return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                    result = unsafe ZSTD_CCtx_refPrefix(context, history.baseAddress, history.count)
                    guard ZSTD_isError(result) == 0 else { return }
                    result = unsafe ZSTD_compress2(
                        context, buffer.baseAddress, capacity, content.baseAddress, content.count)
                    if ZSTD_isError(result) == 0 { count = result }
                }
            }
        }
        try Zstandard.check(result)
        return compressed
    }
}

/// The other side.
@safe final class ZstandardDecompressor {
    private let context: OpaquePointer

    /// - Throws: ``RecordError/Code/compression`` when there is no memory.
    init() throws(RecordError) {
        guard let context = unsafe ZSTD_createDCtx() else {
            throw RecordError(.compression, "batch: no memory to decompress with")
        }
        unsafe self.context = unsafe context
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// Decompresses one frame.
    ///
    /// - Parameters:
    ///   - size: What it must come to. No more is allocated or written, whatever the frame says of itself.
    ///   - history: As it was compressed with.
    /// - Throws: ``RecordError/Code/compression`` when the frame is damaged, or comes to another size.
    func decompress(_ frame: [UInt8], size: Int, history: [UInt8]) throws(RecordError) -> [UInt8] {
        let context = unsafe self.context
        var result = 0
        let content = unsafe history.withUnsafeBytes { history in
            unsafe frame.withUnsafeBytes { frame in
                unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                    result = unsafe ZSTD_DCtx_refPrefix(context, history.baseAddress, history.count)
                    guard ZSTD_isError(result) == 0 else { return }
                    result = unsafe ZSTD_decompressDCtx(
                        context, buffer.baseAddress, size, frame.baseAddress, frame.count)
                    if ZSTD_isError(result) == 0 { count = result }
                }
            }
        }
        try Zstandard.check(result)
        guard content.count == size else {
            throw RecordError(.compression, "batch: \(content.count) bytes where \(size) were announced")
        }
        return content
    }
}

enum Zstandard {
    static func check(_ result: Int) throws(RecordError) {
        guard ZSTD_isError(result) != 0 else { return }
        throw unsafe RecordError(.compression, "batch: \(String(cString: ZSTD_getErrorName(result)))")
    }
}
