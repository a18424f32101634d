import Testing

@testable import HTTPInspection

@Suite("Content codings")
struct ContentDecoderTests {
    static let each: [([String], [UInt8])] = [
        (["gzip"], Coded.gzip), (["x-gzip"], Coded.gzip), (["deflate"], Coded.deflate),
        (["deflate"], Coded.rawDeflate), (["br"], Coded.brotli), (["zstd"], Coded.zstandard),
        (["br", "gzip"], Coded.gzipOfBrotli), (["identity", "gzip"], Coded.gzip),
    ]

    /// What comes of content that comes in pieces.
    private func open(_ codings: [String], _ content: [UInt8], pieces: Int = .max) throws(HTTPError) -> [UInt8] {
        var decoder = try ContentDecoder(codings)
        var output: [UInt8] = []
        var offset = 0
        while offset < content.count {
            let end = offset + min(pieces, content.count - offset)
            try decoder.decodeAll(content[offset..<end].span, into: &output)
            offset = end
        }
        try decoder.finish()
        return output
    }

    private func code(_ codings: [String], _ content: [UInt8], pieces: Int = .max) -> HTTPError.Code? {
        do throws(HTTPError) {
            _ = try open(codings, content, pieces: pieces)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("Each coding is opened, however it is cut", arguments: each)
    func opens(_ codings: [String], _ content: [UInt8]) throws {
        for pieces in [1, 2, 3, 7, 50, Int.max] {
            #expect(try open(codings, content, pieces: pieces) == Coded.text, "in pieces of \(pieces)")
        }
    }

    @Test("What is not coded goes through")
    func identity() throws {
        #expect(try ContentDecoder([]).isIdentity)
        #expect(try ContentDecoder(["identity"]).isIdentity)
        #expect(try open([], Coded.text) == Coded.text)
        #expect(try open([], Coded.text, pieces: 5) == Coded.text)
    }

    @Test("A call gives a window at the most, and says when it has no more", arguments: each)
    func windows(_ codings: [String], _ content: [UInt8]) throws {
        var decoder = try ContentDecoder(codings)
        var rest = content[...]
        var output: [UInt8] = []
        var isDrained = false
        while !isDrained {
            let before = output.count
            let step = try decoder.decode(rest.span, into: &output)
            #expect(output.count - before <= HTTPLimits.contentWindow)
            rest = rest.dropFirst(step.taken)
            isDrained = step.isDrained
        }
        #expect(rest.isEmpty)
        #expect(output == Coded.text)
        let nothing: [UInt8] = []
        let after = try decoder.decode(nothing.span, into: &output)
        #expect(after.isDrained)
    }

    @Test("Members and frames that follow each other are one content")
    func members() throws {
        for pieces in [1, 11, Int.max] {
            #expect(
                try open(["gzip"], Coded.gzip + Coded.gzipOfZeros, pieces: pieces)
                    == Coded.text + [UInt8](repeating: 0, count: 1 << 20))
            #expect(
                try open(
                    ["zstd"], Coded.zstandard + [0x51, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 7, 7] + Coded.zstandard,
                    pieces: pieces)
                    == Coded.text + Coded.text)
        }
    }

    @Test("What follows the end is refused", arguments: each)
    func trailing(_ codings: [String], _ content: [UInt8]) {
        for pieces in [1, Int.max] {
            #expect(code(codings, content + [0, 0, 0, 0], pieces: pieces) == .malformedCoding)
            #expect(code(codings, content + Array("more".utf8), pieces: pieces) == .malformedCoding)
        }
        #expect(code(["deflate"], Coded.deflate + Coded.deflate) == .malformedCoding)
        #expect(code(["br"], Coded.brotli + Coded.brotli) == .malformedCoding)
    }

    @Test("Content that ends before its end is refused, and none at all is none", arguments: each)
    func truncated(_ codings: [String], _ content: [UInt8]) throws {
        for count in [1, 2, 5, content.count / 2, content.count - 1] {
            #expect(code(codings, Array(content.prefix(count))) == .truncated, "\(count) bytes")
        }
        #expect(try open(codings, []) == [])
    }

    @Test("Other bytes are refused, and the decoder stays so", arguments: ["gzip", "deflate", "br", "zstd"])
    func malformed(_ coding: String) throws {
        var decoder = try ContentDecoder([coding])
        var output: [UInt8] = []
        let text = [UInt8](repeating: 0xFF, count: 64)
        let gzip = Coded.gzip
        #expect(throws: HTTPError.self) { try decoder.decodeAll(text.span, into: &output) }
        #expect(throws: HTTPError.self) { try decoder.decodeAll(gzip.span, into: &output) }
        #expect(throws: HTTPError.self) { try decoder.finish() }
    }

    @Test("A damaged checksum is found")
    func checksum() {
        var content = Coded.gzip
        content[content.count - 6] ^= 1
        #expect(code(["gzip"], content) == .malformedCoding)
    }

    @Test("A dictionary that nobody named is not asked for")
    func dictionary() {
        #expect(code(["deflate"], Coded.dictionary) == .malformedCoding)
    }

    @Test("Zeros without end are stopped before they are in memory", arguments: [1, 100, Int.max])
    func bombs(_ pieces: Int) throws {
        let members = Array(repeating: Coded.gzipOfZeros, count: 64).flatMap { $0 }
        for (coding, content) in [
            ("br", Coded.brotliOfZeros), ("zstd", Coded.zstandardOfZeros), ("gzip", members),
        ] {
            var decoder = try ContentDecoder([coding])
            var output: [UInt8] = []
            var error: HTTPError?
            do throws(HTTPError) {
                var offset = 0
                while offset < content.count {
                    let end = offset + min(pieces, content.count - offset)
                    try decoder.decodeAll(content[offset..<end].span, into: &output)
                    offset = end
                }
            } catch let thrown {
                error = thrown
            }
            #expect(error?.code == .excessiveExpansion)
            #expect(error?.status == 413)
            let most = HTTPLimits.freeExpansion + HTTPLimits.expansion * content.count + HTTPLimits.contentWindow
            #expect(output.count <= most)
        }
    }

    @Test("A window of more than 8 MiB is not allocated")
    func zstandardWindow() {
        let header: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 0x00, (27 - 10) << 3, 0x01, 0x00, 0x00]
        #expect(code(["zstd"], header) == .malformedCoding)
    }

    @Test("Formats of Zstandard before the RFC are not read")
    func legacy() {
        #expect(code(["zstd"], [0x27, 0xB5, 0x2F, 0xFD, 0, 0, 0, 0]) == .malformedCoding)
    }

    @Test("Other codings, and more than two, are answered 415")
    func unsupported() {
        for codings in [["compress"], ["dcb"], ["gzip", "bzip2"], ["gzip", "gzip", "gzip"], ["*"]] {
            do throws(HTTPError) {
                _ = try ContentDecoder(codings)
                Issue.record("\(codings) was taken")
            } catch {
                #expect(error.code == .unsupportedCoding)
                #expect(error.status == 415)
            }
        }
    }
}
