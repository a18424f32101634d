/// Takes an input apart into numbers and choices. Past its end everything is zero, so that every input means something.
struct FuzzInput {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position >= bytes.count }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else { return 0 }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func flag() -> Bool { byte() & 1 == 1 }

    mutating func number(below bound: Int) -> Int {
        let value = bound > 256 ? Int(byte()) << 8 | Int(byte()) : Int(byte())
        return bound > 0 ? value % bound : 0
    }

    mutating func choice<Element>(of elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[number(below: elements.count)]
    }

    /// A length of one byte, and as many bytes.
    mutating func string() -> [UInt8] { take(Int(byte())) }

    mutating func take(_ count: Int) -> [UInt8] {
        let end = min(position + count, bytes.count)
        defer { position = end }
        return Array(bytes[position..<end])
    }

    mutating func rest() -> [UInt8] { take(bytes.count - position) }
}
