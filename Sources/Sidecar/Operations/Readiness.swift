import Observability
import Synchronization

/// Whether the sidecar can do its work, part by part. Each part says so itself.
public final class Readiness: Sendable {
    /// One part's condition.
    public struct Part: Sendable, Hashable {
        public var isReady: Bool
        /// For an operator: what is, and what mends it.
        public var detail: String

        public init(isReady: Bool, detail: String) {
            self.isReady = isReady
            self.detail = detail
        }
    }

    private let parts = Mutex<[String: Part]>([:])

    public init() {}

    /// - Parameter part: `nil` takes the part away.
    public func set(_ name: String, _ part: Part?) {
        parts.withLock { $0[name] = part }
    }

    public func part(_ name: String) -> Part? {
        parts.withLock { $0[name] }
    }

    /// Every part must be ready; with none there is nothing to be ready.
    public var isReady: Bool {
        parts.withLock { !$0.isEmpty && $0.values.allSatisfy(\.isReady) }
    }

    /// `{"ready":…,"parts":{…}}`
    public var json: [UInt8] {
        let parts = parts.withLock { $0 }
        let isReady = !parts.isEmpty && parts.values.allSatisfy(\.isReady)
        var bytes = Array(#"{"ready":\#(isReady),"parts":{"#.utf8)
        for (index, part) in parts.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            appendJSONString(part.key, to: &bytes)
            bytes.append(contentsOf: #":{"ready":\#(part.value.isReady),"detail":"#.utf8)
            appendJSONString(part.value.detail, to: &bytes)
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(contentsOf: "}}\n".utf8)
        return bytes
    }
}
