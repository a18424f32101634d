/// The median time of one call of each body. Batches alternate between the bodies, so that what else the machine does
/// meets all of them alike and their ratio holds.
func medians(batches: Int = 41, of calls: Int, _ bodies: [() -> Void]) -> [Duration] {
    let clock = ContinuousClock()
    var times = [[Duration]](repeating: [], count: bodies.count)
    for body in bodies { body() }  // caches and lazy globals
    for _ in 0..<batches {
        for (index, body) in bodies.enumerated() {
            times[index].append(clock.measure { for _ in 0..<calls { body() } })
        }
    }
    return times.map { $0.sorted()[batches / 2] / calls }
}

extension Duration {
    var nanoseconds: Double {
        Double(components.seconds) * 1e9 + Double(components.attoseconds) / 1e9
    }
}

func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
}

func figure(_ value: Double) -> String {
    value >= 100 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
}
