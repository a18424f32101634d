import WireBytes

/// Arrays' binary form (src/backend/utils/adt/arrayfuncs.c, array_send), as far as masks need it: text of any dimensions
/// for looking at, and binary of one dimension for what a mask leaves.
enum ArrayCoding {
    /// PostgreSQL's MAXDIM.
    private static let maximumDimensions: Int32 = 6

    static func text(_ reader: inout ByteReader, element: UInt32) throws(WireError) -> [UInt8]? {
        let dimensions = try reader.int32()
        guard (0...maximumDimensions).contains(dimensions) else { return nil }
        _ = try reader.int32()
        _ = try reader.uint32()
        for _ in 0..<dimensions {
            _ = try reader.int32()
            _ = try reader.int32()
        }
        // Nested arrays come out flat: detectors look at elements, and what they find loses the shape anyway.
        var elements: [[UInt8]?] = []
        while reader.remaining > 0 {
            let length = try reader.int32()
            if length == -1 {
                elements.append(nil)
                continue
            }
            let bytes = try reader.array(Int(length))
            guard let text = BinaryCoding.text(bytes[...], typeOID: element) else { return nil }
            elements.append(text)
        }
        return literal(elements)
    }

    /// - Parameter shape: the binary form of an array of as many elements, whose dimensions the result gets; without one it has
    ///   one dimension.
    static func binary(_ text: [UInt8], element: UInt32, shape: [UInt8]? = nil) -> [UInt8]? {
        guard let elements = parse(text) else { return nil }
        var output: [UInt8] = []
        if let shape, let dimensions = dimensions(of: shape) {
            guard dimensions.elements == elements.count else { return nil }
            output += shape[..<dimensions.end]
            output.replaceBigEndian(elements.contains { $0 == nil } ? 1 : 0, at: 4)
        } else {
            output.appendBigEndian(Int32(elements.isEmpty ? 0 : 1))
            output.appendBigEndian(Int32(elements.contains { $0 == nil } ? 1 : 0))
            output.appendBigEndian(element)
            if !elements.isEmpty {
                output.appendBigEndian(Int32(truncatingIfNeeded: elements.count))
                output.appendBigEndian(Int32(1))
            }
        }
        for value in elements {
            guard let value else {
                output.appendBigEndian(Int32(-1))
                continue
            }
            guard let binary = BinaryCoding.binary(value, typeOID: element) else { return nil }
            output.appendBigEndian(Int32(truncatingIfNeeded: binary.count))
            output.append(contentsOf: binary)
        }
        return output
    }

    /// How many elements an array's dimensions make, and where its elements begin.
    private static func dimensions(of value: [UInt8]) -> (elements: Int, end: Int)? {
        guard value.count >= 12 else { return nil }
        let count = Int(value.span.bigEndian32(at: 0))
        guard count <= maximumDimensions, value.count >= 12 + 8 * count else { return nil }
        var elements = count == 0 ? 0 : 1
        for dimension in 0..<count {
            let (product, overflow) = elements.multipliedReportingOverflow(
                by: Int(value.span.bigEndian32(at: 12 + 8 * dimension)))
            guard !overflow else { return nil }
            elements = product
        }
        return (elements, 12 + 8 * count)
    }

    private static func literal(_ elements: [[UInt8]?]) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "{")]
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            guard let element else {
                output.append(contentsOf: "NULL".utf8)
                continue
            }
            output.append(UInt8(ascii: "\""))
            for byte in element {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { output.append(UInt8(ascii: "\\")) }
                output.append(byte)
            }
            output.append(UInt8(ascii: "\""))
        }
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// One dimension: `{a,"b",NULL}`.
    private static func parse(_ text: [UInt8]) -> [[UInt8]?]? {
        guard text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}"), text.count >= 2 else { return nil }
        let body = text[1..<(text.count - 1)]
        if body.isEmpty { return [] }
        var elements: [[UInt8]?] = []
        var current: [UInt8] = []
        var isQuoted = false
        var wasQuoted = false
        var isEscaped = false
        func finish() {
            let isNull = !wasQuoted && String(decoding: current, as: UTF8.self).uppercased() == "NULL"
            elements.append(isNull ? nil : current)
            current = []
            wasQuoted = false
        }
        for byte in body {
            if isEscaped {
                current.append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
                wasQuoted = true
            } else if !isQuoted, byte == UInt8(ascii: ",") {
                finish()
            } else if !isQuoted, byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") {
                return nil
            } else {
                current.append(byte)
            }
        }
        guard !isQuoted, !isEscaped else { return nil }
        finish()
        return elements
    }
}
