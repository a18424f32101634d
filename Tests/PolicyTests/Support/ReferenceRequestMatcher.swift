import Policy

/// What conditions on requests mean, written down a second time and without a glob of the product's.
enum ReferenceRequestMatcher {
    static func matches(_ condition: Condition, _ request: RequestFacts?, _ path: [String], isAllow: Bool) -> Bool {
        guard let request else {
            return condition.methods.isEmpty && condition.hosts.isEmpty && condition.ports.isEmpty
                && condition.paths.isEmpty
        }
        return matchesPlace(condition, request, isAllow: isAllow)
            && (condition.methods.isEmpty || condition.methods.contains { same($0, request.method) })
            && (condition.paths.isEmpty || condition.paths.contains { self.path($0, path) })
    }

    /// Hosts and ports.
    static func matchesPlace(_ condition: Condition, _ request: RequestFacts?, isAllow: Bool) -> Bool {
        guard let request else { return condition.hosts.isEmpty && condition.ports.isEmpty }
        guard
            condition.hosts.isEmpty
                || condition.hosts.contains(where: { wildcard($0.lowercased(), request.host.lowercased()) })
        else { return false }
        guard let port = request.port else { return condition.ports.isEmpty }
        if condition.ports.isEmpty { return !isAllow || port == 80 || port == 443 }
        return condition.ports.contains("\(port)")
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
