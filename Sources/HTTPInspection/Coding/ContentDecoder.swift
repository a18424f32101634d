/// Opens content that was coded (RFC 9110 §8.4): gzip, deflate, br and zstd, and two of them one upon the other. What it gives comes in
/// windows, so that memory is bounded whatever the content says of itself.
///
/// Content that grows by more than ``HTTPLimits/expansion`` is an error, counted at every full ``HTTPLimits/contentWindow``; so is what
/// follows its end. Several members of gzip (RFC 1952 §2.2) and several frames of zstd (RFC 8878 §3) are one content.
///
/// Not `Sendable`: it belongs to one connection's task.
public struct ContentDecoder: ~Copyable {
    /// What one call did.
    public struct Step: Hashable, Sendable {
        /// How many bytes of the input were taken.
        public let taken: Int
        /// Whether all of the input was taken and all that comes of it was given: more must come. Otherwise call again, with what
        /// was not taken.
        public let isDrained: Bool
    }

    /// Each opens what the one before it gives: the coding that was applied last is opened first.
    private let stages: [any CodingStage]
    /// What each stage but the last gave and the next has not taken.
    private var between: [Pending]
    private var window: [UInt8]
    private var taken = 0
    /// Bytes that each stage gave.
    private var given: [Int]
    private var failure: HTTPError?

    /// - Parameter codings: In the order in which they were applied, in lower case, as ``HTTPFields/contentCodings()`` has them.
    /// - Throws: with 415 for a coding that is not opened here, and for more than ``HTTPLimits/contentCodings`` of them.
    public init(_ codings: [String]) throws(HTTPError) {
        let applied = codings.filter { $0 != "identity" }
        guard applied.count <= HTTPLimits.contentCodings else {
            throw HTTPError(
                .unsupportedCoding, status: 415, "content with more than \(HTTPLimits.contentCodings) codings")
        }
        var stages: [any CodingStage] = []
        for coding in applied.reversed() {
            switch coding {
            // RFC 9110 §8.4.1.3 has the second for the first.
            case "gzip", "x-gzip": stages.append(try InflateStage(.gzip))
            case "deflate": stages.append(try InflateStage(.deflate))
            case "br": stages.append(try BrotliStage())
            case "zstd": stages.append(try ZstandardStage())
            default: throw HTTPError(.unsupportedCoding, status: 415, "a content coding that is not opened here")
            }
        }
        self.stages = stages
        between = Array(repeating: Pending(), count: max(0, stages.count - 1))
        given = Array(repeating: 0, count: stages.count)
        window = Array(repeating: 0, count: stages.isEmpty ? 0 : HTTPLimits.contentWindow)
    }

    /// Whether content goes through as it is.
    public var isIdentity: Bool { stages.isEmpty }

    /// Opens some of the input, and appends at most ``HTTPLimits/contentWindow`` bytes.
    ///
    /// - Throws: for what is not in its coding, what goes on after its end, and what grows too much; the same again ever after.
    public mutating func decode(_ input: Span<UInt8>, into output: inout [UInt8]) throws(HTTPError) -> Step {
        if let failure { throw failure }
        do throws(HTTPError) {
            return try step(input, into: &output)
        } catch {
            failure = error
            throw error
        }
    }

    /// Opens all of the input. How much that comes to is bounded by ``HTTPLimits/expansion`` alone: for input that is short.
    public mutating func decodeAll(_ input: Span<UInt8>, into output: inout [UInt8]) throws(HTTPError) {
        var rest = input
        while true {
            let step = try decode(rest, into: &output)
            if step.isDrained { return }
            rest = rest.extracting(droppingFirst: step.taken)
        }
    }

    /// Tells that nothing more comes. Call it when the input is drained.
    ///
    /// - Throws: where content ends before it says so. None at all is none: servers say `gzip` of an empty body.
    public mutating func finish() throws(HTTPError) {
        if let failure { throw failure }
        guard taken == 0 || stages.allSatisfy(\.isComplete), between.allSatisfy(\.isEmpty) else {
            let error = HTTPError(.truncated, "coded content that ends before its end")
            failure = error
            throw error
        }
    }

    private mutating func step(_ input: Span<UInt8>, into output: inout [UInt8]) throws(HTTPError) -> Step {
        guard let last = stages.indices.last else {
            let count = min(input.count, HTTPLimits.contentWindow)
            output.append(contentsOf: input.extracting(first: count).array)
            return Step(taken: count, isDrained: count == input.count)
        }
        var used = 0
        // A window of the last stage is what a call gives; stages before it work until it has enough.
        while true {
            let (count, isDrained) = try run(last, input, &used)
            if count > 0 {
                output.append(contentsOf: window[..<count])
                return Step(taken: used, isDrained: false)
            }
            if isDrained { return Step(taken: used, isDrained: true) }
        }
    }

    /// Fills the window with what a stage makes of what the one before it, or the input, has.
    ///
    /// - Returns: How much that is, and whether nothing comes without more input.
    private mutating func run(
        _ stage: Int, _ input: Span<UInt8>, _ used: inout Int
    ) throws(HTTPError) -> (count: Int, isDrained: Bool) {
        if stage == 0 {
            let rest = input.extracting(droppingFirst: used)
            let step = try stages[0].step(rest, into: &window, room: room(of: 0))
            used += step.taken
            taken += step.taken
            try count(step.given, of: 0)
            return (step.given, step.given == 0 && step.taken == rest.count)
        }
        let before = stage - 1
        let waiting = between[before]
        let step = try stages[stage].step(
            waiting.bytes.span.extracting(droppingFirst: waiting.start), into: &window, room: room(of: stage))
        between[before].take(step.taken)
        try count(step.given, of: stage)
        if step.given > 0 { return (step.given, false) }
        guard between[before].isEmpty else { return (0, false) }
        let (more, isDrained) = try run(before, input, &used)
        if more > 0 { between[before] = Pending(bytes: Array(window[..<more])) }
        return (0, isDrained)
    }

    /// Windows begin at multiples of their size, however the input is cut: the ratio is looked at in the same places.
    private func room(of stage: Int) -> Int {
        HTTPLimits.contentWindow - given[stage] % HTTPLimits.contentWindow
    }

    private mutating func count(_ more: Int, of stage: Int) throws(HTTPError) {
        guard more > 0 else { return }
        given[stage] += more
        guard given[stage] % HTTPLimits.contentWindow == 0 else { return }
        let (grown, overflow) = taken.multipliedReportingOverflow(by: HTTPLimits.expansion)
        guard overflow || given[stage] - HTTPLimits.freeExpansion <= grown else {
            throw HTTPError(
                .excessiveExpansion, status: 413, "content of more than \(HTTPLimits.expansion) times its coded length")
        }
    }

    private struct Pending {
        let bytes: [UInt8]
        private(set) var start = 0

        init(bytes: [UInt8] = []) {
            self.bytes = bytes
        }

        var isEmpty: Bool { start == bytes.count }

        mutating func take(_ count: Int) { start += count }
    }
}

/// One coding's state.
protocol CodingStage: AnyObject {
    /// - Parameters:
    ///   - window: Overwritten from its beginning.
    ///   - room: Bytes of it that may be, at least one.
    /// - Returns: When less was given than there is room for, and all input taken, nothing more comes of it.
    func step(_ input: Span<UInt8>, into window: inout [UInt8], room: Int) throws(HTTPError) -> (taken: Int, given: Int)

    /// Whether the content may end here.
    var isComplete: Bool { get }
}

extension HTTPError {
    static let malformedCoding = HTTPError(.malformedCoding, "content that is not in the coding that it says")
    static let trailingCoding = HTTPError(.malformedCoding, "coded content with something behind its end")
    static let noMemory = HTTPError(.malformedCoding, status: 503, "no memory to open content with")
}
