import Policy

/// What is wrong with text about calls of tools, and the mend.
enum CallFaults {
    typealias Fault = TextKind.Fault

    static func pointer(_ text: String) -> Fault? {
        guard text.hasPrefix("/") else {
            let path = text.hasPrefix("$.") ? String(text.dropFirst(2)) : text
            let mend = path.split(separator: ".").joined(separator: "/")
            return Fault("'\(text)' is no JSON pointer", "did you mean '/\(mend)'?")
        }
        guard ArgumentCondition.isPointer(text) else {
            return Fault("'\(text)' is no JSON pointer", "'~' is written '~0', and '/' in a name '~1'")
        }
        return nil
    }

    /// `sha256:` and the digits.
    static func fingerprint(_ text: String) -> Fault? {
        let digits = text.dropFirst(7)
        guard text.hasPrefix("sha256:"), digits.utf8.count == 64,
            digits.utf8.allSatisfy({ $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")) ~= $0 })
        else {
            return Fault(
                "'\(text)' is no fingerprint", "as records show it: 'sha256:' and 64 hexadecimal digits in lower case")
        }
        return nil
    }
}
