import Crypto
import Policy

/// The key of `hash` masks, read from the file that the policy names. Its bytes enter no bundle, log or record.
enum MaskKeyFile {
    /// Less could be guessed from the hashes of known values.
    static let minimumBytes = 16

    /// - Throws: ``SidecarError`` with the path and the mend.
    static func key(path: String) throws(SidecarError) -> MaskKey {
        var bytes = try readFile(path, what: "the key of hash masks (masks.keyFile)", maximumBytes: 65_536)
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard bytes.count >= minimumBytes else {
            throw SidecarError(
                .config,
                "\(path): the key of hash masks has \(bytes.count) bytes, and \(minimumBytes) are the least; "
                    + "make one with 'openssl rand -hex 32'.")
        }
        let key = SymmetricKey(data: bytes)
        return MaskKey { span in
            var code = HMAC<SHA256>(key: key)
            span.withUnsafeBufferPointer { code.update(data: UnsafeRawBufferPointer($0)) }
            var words: (UInt64, UInt64) = (0, 0)
            for (index, byte) in code.finalize().prefix(16).enumerated() {
                if index < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
            }
            return words
        }
    }
}
