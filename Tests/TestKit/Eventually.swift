public struct NeverHappened: Error, CustomStringConvertible {
    public var description: String
}

/// Waits until `condition` gives a value, and no longer than `limit`. The wait is for the condition, never for a time.
public func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(20),
    _ condition: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now.advanced(by: limit)
    while true {
        if let value = try await condition() { return value }
        guard ContinuousClock.now < deadline else {
            throw NeverHappened(description: "within \(limit) it never came true that \(what)")
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}

public func eventually(
    _ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
    let _: Void = try await eventually(what, within: limit) { try await condition() ? () : nil }
}
