/// Prometheus' text format 0.0.4. Names, help and labels come from the program alone, so that nothing needs escaping.
public struct PrometheusText {
    public private(set) var text = ""

    public init() {}

    public mutating func gauge(_ name: String, _ help: String, _ value: Int64) {
        describe(name, help, "gauge")
        text += "\(name) \(value)\n"
    }

    public mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
        describe(name, help, "counter")
        text += "\(name) \(value)\n"
    }

    /// - Parameter values: By label, as in `kind="gap"`.
    public mutating func counter(_ name: String, _ help: String, _ values: [(label: String, value: UInt64)]) {
        describe(name, help, "counter")
        for (label, value) in values { text += "\(name){\(label)} \(value)\n" }
    }

    public mutating func histogram(_ name: String, _ help: String, _ histogram: DurationHistogram) {
        let snapshot = histogram.snapshot()
        describe(name, help, "histogram")
        for (bound, count) in snapshot.buckets { text += "\(name)_bucket{le=\"\(bound)\"} \(count)\n" }
        text += "\(name)_sum \(seconds(snapshot.sumMicroseconds))\n\(name)_count \(snapshot.count)\n"
    }

    private mutating func describe(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
}
