/// Masks within JSON. Goes from token to token; what is not masked is copied in stretches, white space and order of keys
/// included.
extension StructuredMasking {
    mutating func rewriteJSON(
        _ text: Span<UInt8>, _ found: [Sighting], _ selection: DetectorSelection, level: Int,
        into output: inout [UInt8]
    ) -> Bool {
        // A string within which there is JSON with strings of its own has backslashes.
        let hasEscapes = text.contains(UInt8(ascii: "\\"))
        var cursor = SightingCursor(found)
        var tokens = JSONTokens()
        var rewriting = Rewriting()
        var lastString: Range<Int>?
        /// The use of the key whose value comes next.
        var use: Int?
        while let token = tokens.next(in: text) {
            if token.kind == .invalid {
                copyRest(text, from: token.range.lowerBound, cursor, use, &rewriting, into: &output)
                break
            }
            if let number = use, token.kind != .colon {
                use = nil
                lastString = nil
                maskValue(text, token, &tokens, number, &rewriting, into: &output)
                continue
            }
            switch token.kind {
            case .string:
                lastString = token.range
                let content = token.range.lowerBound + 1..<token.range.upperBound - 1
                let inside = cursor.take(in: content)
                let hasEscape = hasEscapes && text.contains(UInt8(ascii: "\\"), in: content)
                guard !inside.isEmpty || hasEscape || mayHold(text, content), !content.isEmpty else { break }
                rewriteString(text, content, inside, selection, level, &rewriting, into: &output)
            case .number:
                lastString = nil
                let inside = cursor.take(in: token.range)
                guard !inside.isEmpty else { break }
                maskNumber(text, token.range, inside, &rewriting, into: &output)
            case .colon:
                if !keys.isEmpty, let key = lastString { use = findKey(text, key.lowerBound + 1..<key.upperBound - 1) }
                lastString = nil
            default: lastString = nil
            }
        }
        return rewriting.finish(text, in: &output)
    }

    /// Masks a number that something was found in: it has no part that could be replaced.
    mutating func maskNumber(
        _ text: Span<UInt8>, _ range: Range<Int>, _ inside: [Sighting], _ rewriting: inout Rewriting,
        into output: inout [UInt8]
    ) {
        rewriting.replace(range, of: text, in: &output)
        let mask = strictest(of: inside, in: range, of: text)
        appendJSON(text.extracting(range), isSubtree: false, by: mask, to: &output)
    }

    /// Looks a key up without its escapes.
    private func findKey(_ text: Span<UInt8>, _ content: Range<Int>) -> Int? {
        guard text.contains(UInt8(ascii: "\\"), in: content) else { return keys.find(text.extracting(content)) }
        return keys.find(Unescaped(backslashes: text, content).bytes.span)
    }

    /// From a fault on nothing is known of the syntax: what was found there is replaced as in plain text, and all of it is masked
    /// where a key said so.
    private mutating func copyRest(
        _ text: Span<UInt8>, from fault: Int, _ cursor: SightingCursor, _ use: Int?, _ rewriting: inout Rewriting,
        into output: inout [UInt8]
    ) {
        if let use {
            rewriting.replace(fault..<text.count, of: text, in: &output)
            foundKeys.append(use)
            output += RedactedForm.json.utf8
            return
        }
        let start = max(fault, rewriting.end)
        let rest = cursor.rest(from: start)
        guard !rest.isEmpty else { return }
        rewriting.keep(upTo: start, of: text, in: &output)
        splice(text, rest, upTo: text.count, &rewriting, into: &output)
    }

    /// Masks within a text that begins like JSON and is none: what was found as in plain text, and what stands behind a key.
    mutating func rewriteLikeJSON(_ text: Span<UInt8>, _ found: [Sighting], into output: inout [UInt8]) -> Bool {
        var cursor = SightingCursor(found)
        var tokens = JSONTokens()
        var rewriting = Rewriting()
        var lastString: Range<Int>?
        var use: Int?
        while !keys.isEmpty, let token = tokens.next(in: text) {
            if let number = use, token.kind != .colon {
                use = nil
                let before = cursor.take(in: rewriting.end..<token.range.lowerBound)
                splice(text, before, upTo: token.range.lowerBound, &rewriting, into: &output)
                if token.kind == .invalid {
                    copyRest(text, from: token.range.lowerBound, cursor, number, &rewriting, into: &output)
                } else {
                    maskValue(text, token, &tokens, number, &rewriting, into: &output)
                }
            }
            if token.kind == .colon, let key = lastString {
                use = findKey(text, key.lowerBound + 1..<key.upperBound - 1)
            }
            lastString = token.kind == .string ? token.range : nil
        }
        splice(text, cursor.rest(from: rewriting.end), upTo: text.count, &rewriting, into: &output)
        return rewriting.finish(text, in: &output)
    }

    /// Whether there may be more in a string than what detectors see of it as it is written: a document, or text in base64.
    @inline(__always)
    func mayHold(_ text: Span<UInt8>, _ content: Range<Int>) -> Bool {
        guard content.count > 1 else { return false }
        return StructuredMasking.isStructured(text.extracting(content))
            || Base64Text.mayBegin(text, content)
    }

    /// The same of a string with escapes, by what stands before the first.
    func mayHoldEscaped(_ text: Span<UInt8>, _ content: Range<Int>) -> Bool {
        guard let first = content.first, text[first] > 0x20, text[first] != UInt8(ascii: "\\"),
            !StructuredMasking.isStructured(text.extracting(content))
        else { return true }
        for position in content.prefix(16) {
            if text[position] == UInt8(ascii: "\\") { return true }
            guard Base64Text.isLetter(text[position]) else { return false }
        }
        return true
    }

    /// Whether there may be more in a text than what detectors see of it as it is written.
    public static func mayHold(_ text: Span<UInt8>) -> Bool {
        isStructured(text) || text.contains(UInt8(ascii: "\\")) || Base64Text.mayBegin(text, 0..<text.count)
    }

    mutating func rewriteString(
        _ text: Span<UInt8>, _ content: Range<Int>, _ inside: [Sighting], _ selection: DetectorSelection, _ level: Int,
        _ rewriting: inout Rewriting, into output: inout [UInt8]
    ) {
        let plain = Unescaped(backslashes: text, content)
        let own = plain.parts(of: inside, in: content)
        if level < StructuredMasking.maxLevel, StructuredMasking.isStructured(plain.bytes.span) {
            guard let new = rewriteContent(plain.bytes.span, own, selection, level: level) else { return }
            rewriting.replace(content, of: text, in: &output)
            JSONText.appendEscaped(new.span, to: &output)
            return
        }
        if let new = rewriteBase64(plain.bytes.span, selection, level: level) {
            // Its letters need no escapes. What was found in them besides has no place in what is written anew.
            rewriting.replace(content, of: text, in: &output)
            output += inside.isEmpty ? new : Array(RedactedForm.text.utf8)
            return
        }
        // Only what was found is written anew: the other escapes stay as they are.
        for (sighting, own) in zip(inside, own) {
            let range = sighting.range.clamped(to: max(content.lowerBound, rewriting.end)..<content.upperBound)
            guard !range.isEmpty else { continue }
            rewriting.replace(range, of: text, in: &output)
            let part = plain.bytes.span.extracting(own.range)
            let mask = mask(own, part)
            let form = form(of: part, by: mask)
            JSONText.appendEscaped(form.span, to: &output)
        }
    }

    /// Masks the value under a key: a string, a number, a truth value, or all that is between braces or brackets. `null` is nobody's.
    private mutating func maskValue(
        _ text: Span<UInt8>, _ token: JSONTokens.Token, _ tokens: inout JSONTokens, _ number: Int,
        _ rewriting: inout Rewriting,
        into output: inout [UInt8]
    ) {
        var end = token.range.upperBound
        switch token.kind {
        case .literal where text[token.range.lowerBound] == UInt8(ascii: "n"): return
        case .string, .number, .literal: break
        case .openObject, .openArray:
            var depth = 1
            while depth > 0, let next = tokens.next(in: text) {
                switch next.kind {
                case .openObject, .openArray: depth += 1
                case .closeObject, .closeArray: depth -= 1
                default: break
                }
                end = next.range.upperBound
            }
        // No value at all: what follows is judged by itself.
        case .closeObject, .closeArray, .comma, .colon, .invalid: return
        }
        rewriting.replace(token.range.lowerBound..<end, of: text, in: &output)
        if token.kind == .string {
            let content = token.range.lowerBound + 1..<token.range.upperBound - 1
            maskKeyed(Unescaped(backslashes: text, content).bytes.span, isSubtree: false, number, into: &output)
        } else {
            let isSubtree = token.kind == .openObject || token.kind == .openArray
            maskKeyed(
                text.extracting(token.range.lowerBound..<end), isSubtree: isSubtree, number, into: &output)
        }
    }

    /// Counts and masks the value under a key.
    ///
    /// - Parameter value: as ``appendJSON(_:isSubtree:by:to:)`` takes it.
    mutating func maskKeyed(_ value: Span<UInt8>, isSubtree: Bool, _ number: Int, into output: inout [UInt8]) {
        let mask = mask(keyed: number, value)
        appendJSON(value, isSubtree: isSubtree, by: mask, to: &output)
    }

    /// The mask of a value that is masked whole for what was found in it.
    mutating func strictest(of sightings: [Sighting], in range: Range<Int>, of text: Span<UInt8>) -> Mask {
        var strictest: Mask?
        for sighting in sightings {
            let sighting = sighting.clamped(to: range)
            let mask = mask(sighting, text.extracting(sighting.range))
            strictest = strictest.map { Mask.stricter($0, mask) } ?? mask
        }
        return strictest ?? .redact
    }

    /// Appends what a mask makes of a whole value, as a JSON value.
    ///
    /// - Parameter value: a string's content without its escapes, a number or a literal as it is, or a whole subtree.
    func appendJSON(_ value: Span<UInt8>, isSubtree: Bool, by mask: Mask, to output: inout [UInt8]) {
        switch mask {
        case .null: output += "null".utf8
        case .redact, .fixed, .hash: _ = mask.apply(to: value, kind: .json, key: maskKey, into: &output)
        case .keepFirst, .keepLast, .truncateDate:
            // Of a subtree no first characters can be told, and no date.
            guard !isSubtree else {
                output += RedactedForm.json.utf8
                return
            }
            output.append(UInt8(ascii: "\""))
            JSONText.appendEscaped(form(of: value, by: mask).span, to: &output)
            output.append(UInt8(ascii: "\""))
        }
    }
}
