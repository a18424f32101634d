/// Takes a stream of server-sent events apart (WHATWG HTML §9.2.6): an event's data is given whole. What else a server says there (ids,
/// types, times, comments) is nobody's: streams are not taken up again here.
struct MCPEvents {
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    private var isAfterReturn = false
    private var isBegun = false
    /// An event is longer than any that is taken.
    private(set) var isTooLong = false

    /// - Returns: the data of the events that are whole now. An empty one: a comment, by which a connection is kept.
    mutating func take(_ bytes: Span<UInt8>) -> [[UInt8]] {
        var events: [[UInt8]] = []
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if byte == 0x0A, isAfterReturn {
                isAfterReturn = false
                continue
            }
            isAfterReturn = byte == 0x0D
            if byte == 0x0A || byte == 0x0D {
                end(&events)
            } else {
                line.append(byte)
                if line.count + data.count > MCPLimits.message {
                    isTooLong = true
                    return events
                }
            }
        }
        return events
    }

    private mutating func end(_ events: inout [[UInt8]]) {
        defer { line.removeAll(keepingCapacity: line.capacity <= 65_536) }
        if !isBegun {
            isBegun = true
            if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        }
        if line.isEmpty {
            if hasData { events.append(data) }
            data = []
            hasData = false
            return
        }
        if line[0] == UInt8(ascii: ":") {
            events.append([])
            return
        }
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        guard name.elementsEqual("data".utf8) else { return }
        var value = line.dropFirst(name.count + 1)
        if value.first == 0x20 { value = value.dropFirst() }
        // Every line of data ends in one; the last is taken away again.
        if hasData { data.append(0x0A) }
        hasData = true
        data += value
    }

    /// Writes one event with a message.
    static func write(_ message: [UInt8], into output: inout [UInt8]) {
        if message.isEmpty {
            output += ":\n\n".utf8
            return
        }
        output += "event: message\ndata: ".utf8
        output += message
        output += "\n\n".utf8
    }
}
