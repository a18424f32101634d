import Identity
import Policy

/// The token of a pod, from the file that the resource names.
///
/// - Throws: ``TokenError`` with the path and the mend.
func readTokenFile(of resource: Resource) throws(TokenError) -> String {
    guard let path = resource.tokenFile else {
        throw TokenError(.malformed, "there was no token, and resource '\(resource.name)' names no tokenFile")
    }
    do {
        let bytes = try readFile(
            path, what: "the token of resource '\(resource.name)' (tokenFile)",
            maximumBytes: TokenVerifier.maximumTokenBytes + 2)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SidecarError(.config, "\(path): the token file is not UTF-8")
        }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    } catch {
        throw TokenError(.malformed, "\(error)")
    }
}

private func isSpace(_ character: Character) -> Bool {
    character == "\n" || character == "\r\n" || character == "\r" || character == " " || character == "\t"
}
