import ArgumentParser
import Collector
import Foundation

/// A moment as people give it: RFC 3339, a date, or how long ago (`15m`, `2h`, `7d`).
struct Moment: ExpressibleByArgument {
    var time: Timestamp

    init?(argument: String) {
        if let time = Timestamp(rfc3339: argument) {
            self.time = time
            return
        }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let unit = argument.last.flatMap({ units[$0] }), let count = Int64(argument.dropLast()),
            (0...1_000_000).contains(count)
        else { return nil }
        time = Timestamp.now().adding(seconds: -count * unit)
    }

    static let help = "RFC 3339, a date, or how long ago: 15m, 2h, 7d."
}

extension Timestamp {
    /// To the second, for tables.
    var short: String { String(description.prefix(19)) + "Z" }

    /// How long from now, in words: `4m 10s`.
    var untilNow: String {
        let seconds = self.seconds - Timestamp.now().seconds
        guard seconds > 0 else { return "over" }
        return seconds >= 3600
            ? "\(seconds / 3600)h \(seconds / 60 % 60)m"
            : seconds >= 60 ? "\(seconds / 60)m \(seconds % 60)s" : "\(seconds)s"
    }
}

/// How a command prints.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case table, json
}

/// JSON as the commands print it.
enum JSONOutput {
    static func text(_ value: some Encodable, pretty: Bool = true) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes] : [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
