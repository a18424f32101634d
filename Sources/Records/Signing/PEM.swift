import FoundationEssentials

/// The blocks of a PEM file (RFC 7468).
enum PEM {
    struct Block {
        var label: String
        var der: [UInt8]
        /// The block alone, with its boundary lines.
        var text: String
    }

    private static let begin = "-----BEGIN "
    private static let end = "-----END "
    private static let dashes = "-----"

    /// - Returns: The whole blocks; text around them, and a block that is not whole or not base 64, is passed over.
    static func blocks(in text: String) -> [Block] {
        var blocks: [Block] = []
        var label: String?
        var lines: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = line.trimmingWhitespace()
            if trimmed.hasPrefix(begin), trimmed.hasSuffix(dashes) {
                label = String(trimmed.dropFirst(begin.count).dropLast(dashes.count))
                lines = []
            } else if trimmed.hasPrefix(end), let open = label {
                label = nil
                if let der = Data(base64Encoded: lines.joined()) {
                    let whole = ["\(begin)\(open)\(dashes)"] + lines + ["\(end)\(open)\(dashes)"]
                    blocks.append(Block(label: open, der: Array(der), text: whole.joined(separator: "\n")))
                }
            } else if label != nil {
                lines.append(String(trimmed))
            }
        }
        return blocks
    }
}

extension Substring {
    fileprivate func trimmingWhitespace() -> Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...last]
    }
}
