import HTTPInspection

/// The first bytes of a tunnel: a hello is the same in whatever pieces it comes, and is known no sooner than it is whole; nothing that follows
/// it changes it.
enum TLSHelloHarness {
    static func run(_ input: [UInt8]) throws(Violation) {
        let whole = outcome(input[...])
        for end in stride(from: 0, through: min(input.count, 600), by: 1) {
            let part = outcome(input[..<end])
            switch (part, whole) {
            case (.more, _): break
            case (.hello(let hello, let count), .hello(let other, let all)):
                try Violation.unless(hello == other && count == all && count <= end, "a part gives another hello")
            case (.refused, .refused): break
            default: throw Violation("a part is taken otherwise than the whole")
            }
        }
        if case .hello(let hello, _) = whole, let name = hello.serverName {
            let read = try? HTTPAuthority(name.description.utf8)
            try Violation.unless(read?.host == name && name.address == nil, "a server's name is none")
        }
        _ = TLSServerAnswer.read(input.span)
    }

    private enum Outcome { case more, refused, hello(TLSClientHello, Int) }

    private static func outcome(_ bytes: ArraySlice<UInt8>) -> Outcome {
        let bytes = Array(bytes)
        do throws(TLSHelloError) {
            guard let (hello, count) = try TLSClientHello.read(bytes.span) else { return .more }
            return .hello(hello, count)
        } catch {
            return .refused
        }
    }
}
