/// Mail addresses, with the lengths of RFC 5321 §4.5.3.1.
enum EmailAddress {
    static func isValid(_ text: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count <= 320, !text.byte(range.upperBound).isAlphanumeric else { return false }
        // The pattern allows one at sign. A dot at its end is no part of the local part, nor are two in a row.
        for position in range {
            let next = text.byte(position + 1)
            if text[position] == UInt8(ascii: "."), next == UInt8(ascii: "@") || next == UInt8(ascii: ".") {
                return false
            }
        }
        // icon@2x.png, theme@dark.css: the letters behind the last point name a format, and no domain.
        var dot = range.upperBound - 1
        while dot > range.lowerBound, text[dot] != UInt8(ascii: ".") { dot -= 1 }
        let length = range.upperBound - dot - 1
        for format in formats where format.utf8.count == length && text.hasWord(format, at: dot + 1) { return false }
        // user:password@host in a URL is a match too, and better masked than not.
        return true
    }

    /// Ends of the names of files that are no top-level domains.
    private static let formats: [String] = [
        "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "ico", "tif", "tiff", "css", "scss", "less", "js", "jsx",
        "tsx", "json", "xml", "html", "htm", "pdf", "txt", "csv", "log", "exe", "dll", "conf", "cfg", "ini", "yaml",
        "yml", "toml", "lock",
    ]
}
