import Policy

/// What is wrong with text of each kind, and the mend.
enum TextFaults {
    typealias Fault = TextKind.Fault

    static func name(_ text: String) -> Fault? {
        let allowed: (UInt8) -> Bool = { $0.isASCIILetter || $0.isDigit || "-_.".utf8.contains($0) }
        let first = text.utf8.first.map { $0.isASCIILetter || $0.isDigit } ?? false
        if first, text.utf8.allSatisfy(allowed) { return nil }
        var mended = text.lowercased().unicodeScalars.map { scalar -> Character in
            scalar.isASCII && allowed(UInt8(scalar.value)) ? Character(scalar) : "-"
        }
        while let first = mended.first, !first.isLetter, !first.isNumber { mended.removeFirst() }
        return Fault(
            "'\(text)' is no name: letters, digits, '-', '_' and '.', beginning with a letter or a digit",
            mended.isEmpty ? nil : "for example '\(String(mended))'")
    }

    static func filePath(_ text: String) -> Fault? {
        guard !text.hasPrefix("/") else { return nil }
        return Fault(
            "'\(text)' is a relative path, and the sidecar may run in any folder",
            "write it from the root: '/…/\(text)'")
    }

    static func issuerURL(_ text: String) -> Fault? {
        let rest: Substring
        let isPlain: Bool
        if text.hasPrefix("https://") {
            (rest, isPlain) = (text.dropFirst(8), false)
        } else if text.hasPrefix("http://") {
            (rest, isPlain) = (text.dropFirst(7), true)
        } else {
            return Fault("'\(text)' is no URL of an issuer", "it begins with 'https://', as the token's 'iss' does")
        }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.isEmpty, !text.contains(" "), !authority.contains("@") else {
            return Fault("'\(text)' names no host", "as in 'https://login.example.com'")
        }
        if text.contains("?") || text.contains("#") {
            return Fault(
                "'\(text)' has a query or a fragment, which an issuer never has", "write the token's 'iss', exactly")
        }
        if isPlain, !HostPort.isLoopback(host: HostPort.host(of: String(authority))) {
            return Fault(
                "'\(text)' is not encrypted, so whoever is on the way could hand out keys of their own",
                "write 'https://\(rest)'; plain http is for loopback alone")
        }
        return nil
    }

    static func listenAddress(_ text: String) -> Fault? {
        if text.hasPrefix("unix:") {
            let path = text.dropFirst(5)
            guard path.hasPrefix("/") else {
                return Fault("'\(text)' has no absolute path", "as in 'unix:/run/stile/db.sock'")
            }
            // sockaddr_un has 108 bytes, the last of them NUL.
            guard path.utf8.count <= 107 else {
                return Fault("the socket's path is longer than the 107 bytes that the kernel takes")
            }
            return nil
        }
        guard let address = HostPort(text) else {
            if UInt16(text) != nil { return Fault("'\(text)' has no host", "did you mean '127.0.0.1:\(text)'?") }
            return Fault("'\(text)' is no address to listen on", "as in '127.0.0.1:5432' or 'unix:/run/stile/db.sock'")
        }
        guard HostPort.isLoopback(host: address.host) else {
            return Fault(
                "'\(text)' can be reached from outside the pod; a resource listens on loopback or a Unix socket alone",
                "did you mean '127.0.0.1:\(address.port)'?")
        }
        return nil
    }

    static func upstreamAddress(_ text: String) -> Fault? {
        if text.contains("://") {
            return Fault("'\(text)' is a URL", "write host and port alone, as in 'db.internal:5432'")
        }
        if HostPort(text) != nil { return nil }
        if !text.contains(":"), !text.contains(" "), !text.contains("/") {
            return Fault("'\(text)' has no port", "did you mean '\(text):5432'?")
        }
        return Fault("'\(text)' is no host and port", "as in 'db.internal:5432'")
    }

    static func pattern(_ text: String, parts: [String]) -> Fault? {
        let whole = parts.joined(separator: ".")
        if let fault = glob(text, whole: whole) { return fault }
        let count = GlobLetters.partCount(of: text)
        guard count != parts.count else { return nil }
        // `*` alone would match paths of any length; the parts say better what is meant.
        let missing = parts.count - (text == "*" ? 1 : count)
        let mend =
            missing > 0
            ? "did you mean '\(String(repeating: "*.", count: missing))\(text)'?" : "write \(whole)"
        let found = text == "*" ? 1 : count
        return Fault(
            "'\(text)' has \(found) \(found == 1 ? "part" : "parts"), and \(whole) has \(parts.count)", mend)
    }

    private static func glob(_ text: String, whole: String) -> Fault? {
        if text.contains(" "), !text.contains("\"") { return Fault("'\(text)' holds a space", "it is \(whole)") }
        do throws(GlobError) {
            _ = try Glob(path: text)
            return nil
        } catch {
            return Fault(error.description, "it is \(whole)")
        }
    }

    static func functionPattern(_ text: String) -> Fault? {
        if text.contains("("), !text.contains("\"") {
            return Fault("'\(text)' has brackets", "did you mean '\(text.prefix { $0 != "(" })'?")
        }
        if let fault = glob(text, whole: "function or schema.function") { return fault }
        let count = GlobLetters.partCount(of: text)
        return count <= 2 ? nil : Fault("'\(text)' has \(count) parts", "it is function or schema.function")
    }

    static func subjectGlob(_ text: String) -> Fault? {
        do throws(GlobError) {
            _ = try Glob(text: text)
            return nil
        } catch {
            return Fault(error.description)
        }
    }
}
