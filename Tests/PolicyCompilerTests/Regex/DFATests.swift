import Testing

@testable import PolicyCompiler

/// Every end of a match of `node` that starts at `start`, by trying all ways: slow, and plain enough to be believed.
func ends(of node: RegexNode, in text: [UInt8], from start: Int) -> Set<Int> {
    switch node {
    case .wordBoundary:
        let before = start > 0 && ByteSet.isWord(text[start - 1])
        let after = start < text.count && ByteSet.isWord(text[start])
        return before != after ? [start] : []
    case .scalar(let set):
        for length in 1...4 where start + length <= text.count {
            guard let decoded = String(validating: text[start..<start + length], as: UTF8.self),
                decoded.unicodeScalars.count == 1, let scalar = decoded.unicodeScalars.first
            else { continue }
            return set.ranges.contains { $0.contains(scalar.value) } ? [start + length] : []
        }
        return []
    case .sequence(let parts):
        var ends: Set<Int> = [start]
        for part in parts {
            var next: Set<Int> = []
            for end in ends { next.formUnion(PolicyCompilerTests.ends(of: part, in: text, from: end)) }
            ends = next
        }
        return ends
    case .alternatives(let branches):
        return branches.reduce(into: []) { $0.formUnion(PolicyCompilerTests.ends(of: $1, in: text, from: start)) }
    case .repetition(let body, let min, let max):
        var result: Set<Int> = min == 0 ? [start] : []
        var current: Set<Int> = [start]
        var seen: Set<Int> = []
        var count = 0
        while !current.isEmpty, count < max ?? Int.max {
            var next: Set<Int> = []
            for end in current { next.formUnion(PolicyCompilerTests.ends(of: body, in: text, from: end)) }
            count += 1
            if count >= min {
                result.formUnion(next)
                if max == nil { next.subtract(seen) }
                seen.formUnion(next)
            }
            current = next
        }
        return result
    }
}

/// A random pattern over a small alphabet.
struct PatternGenerator {
    var random: SystemRandomNumberGenerator = .init()

    mutating func pattern(depth: Int = 3) -> String {
        switch Int.random(in: 0..<(depth == 0 ? 5 : 11), using: &random) {
        case 0: return "a"
        case 1: return "b"
        case 2: return ["é", "日", "1", "-", "\\d", "\\w", ".", "\\s", "\\W"].randomElement(using: &random) ?? "a"
        case 3:
            return ["[ab]", "[^a]", "[1-3é]", "[^\\w]", "(?i:A)", "[^日]", "[à-ü]"].randomElement(using: &random) ?? "a"
        case 4: return ["\\b", "a", "\\ba", "b\\b", "\\b\\b"].randomElement(using: &random) ?? "a"
        case 5, 6: return pattern(depth: depth - 1) + pattern(depth: depth - 1)
        case 7: return "(\(pattern(depth: depth - 1))|\(pattern(depth: depth - 1)))"
        case 8: return "(?:\(pattern(depth: depth - 1)))" + (["*", "+", "?"].randomElement(using: &random) ?? "*")
        case 9: return "(?:\(pattern(depth: depth - 1))){1,3}"
        default: return pattern(depth: depth - 1) + pattern(depth: depth - 1) + pattern(depth: depth - 1)
        }
    }

    mutating func text() -> [UInt8] {
        let alphabet = ["a", "b", "A", "é", "日", "1", "2", "-", " ", "_"]
        var bytes = Array(
            (0..<Int.random(in: 0...8, using: &random)).flatMap { _ in
                Array((alphabet.randomElement(using: &random) ?? "a").utf8)
            })
        if Int.random(in: 0..<8, using: &random) == 0, !bytes.isEmpty { bytes.removeLast() }
        return bytes
    }
}

@Suite("Deterministic automata")
struct DFATests {
    @Test("random patterns match random texts as a backtracking matcher does")
    func agreesWithBacktracking() throws {
        var generator = PatternGenerator()
        for _ in 0..<1500 {
            let pattern = generator.pattern()
            let node = try RegexParser.parse(pattern)
            let dfa = try DFABuilder.build([node])
            for _ in 0..<10 {
                let text = generator.text()
                for start in 0...text.count {
                    let expected = ends(of: node, in: text, from: start).max()
                    let found = dfa.longestMatch(in: text, from: start)?.end
                    #expect(found == expected, "\(pattern) in \(String(decoding: text, as: UTF8.self)) from \(start)")
                }
            }
        }
    }

    @Test("a union tells which of its patterns match")
    func union() throws {
        var generator = PatternGenerator()
        for _ in 0..<300 {
            let nodes = try (0..<3).map { _ in try RegexParser.parse(generator.pattern(depth: 2)) }
            let dfa = try DFABuilder.build(nodes)
            for _ in 0..<10 {
                let text = generator.text()
                let all = nodes.map { ends(of: $0, in: text, from: 0) }
                let longest = all.compactMap { $0.max() }.max()
                let found = dfa.longestMatch(in: text, from: 0)
                #expect(found?.end == longest)
                if let longest {
                    #expect(found?.patterns == all.indices.filter { all[$0].contains(longest) })
                }
            }
        }
    }

    @Test("equal languages give equal automata")
    func canonical() throws {
        let pairs = [
            ("a|b", "[ab]"), ("aa*", "a+"), ("(?:ab)?|ab", "(ab)?"), ("a{2,3}", "aaa?"), ("(?i)a", "[aA]"),
            ("[^a]|a", "(?:.|\\n)"), ("x|y|z", "z|y|x"), ("\\d", "[0-9]"), ("\\ba\\b", "\\b\\ba\\b"),
        ]
        for (left, right) in pairs {
            let one = try DFABuilder.build([RegexParser.parse(left)])
            let other = try DFABuilder.build([RegexParser.parse(right)])
            #expect(one == other, "\(left) and \(right)")
        }
    }

    @Test("a scalar's encodings are all of it and nothing else")
    func utf8Sequences() throws {
        let dfa = try DFABuilder.build([RegexParser.parse("[^\\x00]")])
        for value in stride(from: UInt32(1), through: 0x10FFFF, by: 97) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let bytes = Array(String(scalar).utf8)
            #expect(dfa.longestMatch(in: bytes, from: 0)?.end == bytes.count)
        }
        let invalid: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF], [0xE2, 0x82],
        ]
        for bytes in invalid {
            #expect(dfa.longestMatch(in: bytes, from: 0) == nil)
        }
    }
}
