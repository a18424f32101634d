import Foundation
import Policy
import Testing

@Suite("Text in base64 within values")
struct Base64Tests {
    static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test(
        "what is found in it is masked, and it is base64 again",
        arguments: [
            ("my ssn is 219-09-1234", "my ssn is [redacted]"), (#"{"s":"219-09-1234"}"#, #"{"s":"[redacted]"}"#),
            ("219-09-1234, 219-09-1235", "[redacted], [redacted]"), ("219-09-1234", "[redacted]"),
        ])
    func masked(text: String, expected: String) throws {
        let document = #"{"p":"\#(Self.base64(text))"}"#
        let result = #"{"p":"\#(Self.base64(expected))"}"#
        #expect(try Streamed().json(document) == result)
        #expect(try Structured().mask(document, as: .json) == result)
        // Twice, and in a string of JSON.
        let twice = #"{"p":"\#(Self.base64(Self.base64(text)))"}"#
        #expect(try Streamed().json(twice) == #"{"p":"\#(Self.base64(Self.base64(expected)))"}"#)
    }

    @Test("the alphabet of URLs stays that of URLs, without padding")
    func urlSafe() throws {
        let text = "ünï 219-09-1234 >>>???"
        let url = { (text: String) in
            Self.base64(text).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        #expect(url(text).contains("_") || url(text).contains("-"))
        #expect(try Streamed().json("[\"\(url(text))\"]") == "[\"\(url("ünï [redacted] >>>???"))\"]")
    }

    @Test(
        "what is no text, or has nothing in it, stays",
        arguments: [
            Data((0..<64).map { UInt8($0) }).base64EncodedString(), base64("nothing to see here"),
            "2f1c7a4e-8d2b-4c67-9a41-0f6a1b2c3d4e", "averylongwordwithoutspaces", "MjE5LTA5LTEyMzQ=x",
        ])
    func stays(text: String) throws {
        #expect(try Streamed().json("[\"\(text)\"]") == "[\"\(text)\"]")
    }

    @Test("lines in it are no hindrance, nor are both alphabets at once")
    func unusual() throws {
        let text = Self.base64("some words before it, so that lines are broken, and then 219-09-1234")
        let lines = text.prefix(76) + #"\n"# + text.dropFirst(76)
        let masked = Self.base64("some words before it, so that lines are broken, and then [redacted]")
        #expect(try Streamed().json("[\"\(lines)\"]") == "[\"\(masked)\"]")
        let mixed = Self.base64("~~~???>>> 219-09-1234 ~~~???>>>")
        let other = String(mixed.reversed()).replacing("/", with: "_", maxReplacements: 1)
        #expect(try Streamed().json("[\"\(String(other.reversed()))\"]") != "[\"\(String(other.reversed()))\"]")
    }

    @Test("a short one without padding is opened")
    func unpadded() throws {
        #expect(try Streamed().json(#"["MjE5LTA5LTEyMzQ"]"#) != #"["MjE5LTA5LTEyMzQ"]"#)
    }
}
