import PostgresWire
import WireBytes

/// A client's stream, from its first packet on: however it is cut, the same packets and messages come of it, and each is
/// written as it was read.
enum FrontendDecoderHarness {
    /// - Parameter input: The first byte is the size of the pieces (0: one piece), its highest bit whether the stream
    ///   begins with start-up packets.
    static func run(_ input: [UInt8]) throws(Violation) {
        guard let first = input.first else { return }
        let stream = Array(input.dropFirst())
        let size = max(1, Int(first & 0x7F))
        if first & 0x80 != 0 {
            let whole = startup(stream, pieces: max(1, stream.count))
            let pieces = startup(stream, pieces: size)
            try Violation.unless(whole.packets == pieces.packets, "the pieces of a start give other packets")
            try Violation.unless(
                (whole.error == nil) == (pieces.error == nil), "the pieces of a start end otherwise than the whole")
            for packet in whole.packets { try check(packet) }
            return
        }
        let whole = FrameRun(stream, pieces: max(1, stream.count), rules: .frontend)
        try Violation.unless(
            whole == FrameRun(stream, pieces: size, rules: .frontend), "the pieces of a stream give other messages")
        for frame in whole.frames {
            guard let message = try? FrontendMessage(tag: frame[0], body: ByteReader(frame, in: 5..<frame.count)) else {
                continue
            }
            try Violation.unless(message.encoded == frame, "a message is written as another: \(frame[0])")
        }
    }

    private static func startup(_ stream: [UInt8], pieces: Int) -> (packets: [StartupPacket], error: WireError?) {
        var decoder = StartupDecoder()
        var packets: [StartupPacket] = []
        var offset = 0
        do throws(WireError) {
            while offset < stream.count {
                let end = min(offset + pieces, stream.count)
                decoder.append(stream[offset..<end].span)
                offset = end
                while let packet = try decoder.next() { packets.append(packet) }
            }
        } catch {
            return (packets, error)
        }
        return (packets, nil)
    }

    /// What is written of a packet is read as the packet.
    private static func check(_ packet: StartupPacket) throws(Violation) {
        // Without parameters, what stands in a packet of another protocol is not read.
        if case .startup(let major, _, _) = packet, major != 3 { return }
        var decoder = StartupDecoder()
        decoder.append(packet.encoded.span)
        let again = try? decoder.next()
        try Violation.unless(again == packet, "a start-up packet is written as another")
    }
}
