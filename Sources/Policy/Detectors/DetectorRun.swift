/// What a match is made of, where that is little: how long the run of such bytes is tells that none begins.
package enum DetectorRun: Hashable, Sendable {
    case any
    /// Digits and what stands between them in numbers.
    case number
    /// Letters, digits and what base64 and names of documents have besides.
    case token

    package func contains(_ byte: UInt8) -> Bool {
        switch self {
        case .any: return true
        case .number:
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"),
                UInt8(ascii: "/"), UInt8(ascii: "+"):
                return true
            default: return byte.isDigit
            }
        case .token:
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return true
            default: return byte.isWord
            }
        }
    }

    /// The narrowest that has all the bytes.
    package init(of bytes: some Sequence<UInt8>) {
        var run = DetectorRun.number
        for byte in bytes {
            if run == .number, !run.contains(byte) { run = .token }
            if run == .token, !run.contains(byte) {
                self = .any
                return
            }
        }
        self = run == .token && !bytes.allSatisfy(run.contains) ? .any : run
    }
}
