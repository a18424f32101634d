import Policy

/// What conditions on requests mean, written down a second time and without a glob of the product's.
enum ReferenceRequestMatcher {
    static func matches(_ condition: Condition, _ request: RequestFacts?, _ path: [String]) -> Bool {
        if condition.methods.isEmpty, condition.hosts.isEmpty, condition.paths.isEmpty { return true }
        guard let request else { return false }
        return (condition.methods.isEmpty || condition.methods.contains { same($0, request.method) })
            && (condition.hosts.isEmpty
                || condition.hosts.contains { wildcard($0.lowercased(), request.host.lowercased()) })
            && (condition.paths.isEmpty || condition.paths.contains { self.path($0, path) })
    }

    static func path(_ pattern: String, _ segments: [String]) -> Bool {
        var wanted = pattern.utf8.split(separator: UInt8(ascii: "/")).map { String($0) ?? "" }
        if wanted.last == "**" {
            wanted.removeLast()
            guard segments.count >= wanted.count else { return false }
        } else if segments.count != wanted.count {
            return false
        }
        return zip(wanted, segments).allSatisfy { wildcard($0, $1) }
    }

    static func wildcard(_ pattern: String, _ text: String) -> Bool {
        wildcard(Array(pattern.utf8)[...], Array(text.utf8)[...])
    }

    private static func wildcard(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == UInt8(ascii: "*") {
            return wildcard(pattern.dropFirst(), text) || (!text.isEmpty && wildcard(pattern, text.dropFirst()))
        }
        return text.first == first && wildcard(pattern.dropFirst(), text.dropFirst())
    }

    private static func same(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
}
