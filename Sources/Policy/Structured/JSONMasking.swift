/// Masks within JSON. Goes from token to token; what is not masked is copied in stretches, white space and order of keys
/// included.
extension StructuredMasking {
    mutating func rewriteJSON(
        _ text: Span<UInt8>, _ found: [Sighting], _ selection: DetectorSelection, level: Int,
        into output: inout [UInt8]
    ) -> Bool {
        // A string within which there is JSON with strings of its own has backslashes.
        let hasEscapes = text.contains(UInt8(ascii: "\\"), in: 0..<text.count)
        guard !found.isEmpty || hasEscapes || !keys.isEmpty else { return false }
        let start = output.count
        var cursor = SightingCursor(found)
        var tokens = JSONTokens()
        var copied = 0
        var isChanged = false
        var lastString: Range<Int>?
        /// The use of the key whose value comes next.
        var use: Int?
        while let token = tokens.next(in: text) {
            if token.kind == .invalid {
                copyRest(text, from: token.range.lowerBound, cursor, use, &copied, &isChanged, into: &output)
                break
            }
            if let number = use, token.kind != .colon {
                use = nil
                lastString = nil
                maskValue(text, token, &tokens, number, &copied, &isChanged, into: &output)
                continue
            }
            switch token.kind {
            case .string:
                lastString = token.range
                let content = token.range.lowerBound + 1..<token.range.upperBound - 1
                let inside = cursor.take(in: content)
                let hasEscape = hasEscapes && text.contains(UInt8(ascii: "\\"), in: content)
                guard !inside.isEmpty || hasEscape, !content.isEmpty else { break }
                if rewriteString(text, content, inside, selection, level, &copied, into: &output) {
                    isChanged = true
                }
            case .number:
                lastString = nil
                let inside = cursor.take(in: token.range)
                guard !inside.isEmpty else { break }
                output.append(text, copied..<token.range.lowerBound)
                let mask = strictest(of: inside, in: token.range)
                appendJSON(text.extracting(token.range), isSubtree: false, by: mask, to: &output)
                copied = token.range.upperBound
                isChanged = true
            case .colon:
                if !keys.isEmpty, let key = lastString { use = findKey(text, key.lowerBound + 1..<key.upperBound - 1) }
                lastString = nil
            default: lastString = nil
            }
        }
        guard isChanged else {
            output.removeSubrange(start...)
            return false
        }
        output.append(text, min(copied, text.count)..<text.count)
        return true
    }

    /// Looks a key up without its escapes.
    private func findKey(_ text: Span<UInt8>, _ content: Range<Int>) -> Int? {
        guard text.contains(UInt8(ascii: "\\"), in: content) else { return keys.find(text.extracting(content)) }
        return keys.find(Unescaped(backslashes: text, content).bytes.span)
    }

    /// From a fault on nothing is known of the syntax: what was found there is replaced as in plain text, and all of it is masked
    /// where a key said so.
    private mutating func copyRest(
        _ text: Span<UInt8>, from fault: Int, _ cursor: SightingCursor, _ use: Int?, _ copied: inout Int,
        _ isChanged: inout Bool, into output: inout [UInt8]
    ) {
        if let use {
            output.append(text, copied..<fault)
            foundKeys.append(use)
            output += RedactedForm.json.utf8
            copied = text.count
            isChanged = true
            return
        }
        let rest = cursor.rest(from: max(fault, copied))
        guard !rest.isEmpty else { return }
        let start = max(fault, copied)
        output.append(text, copied..<start)
        copied = start
        splice(text, rest, upTo: text.count, &copied, into: &output)
        isChanged = true
    }

    /// Masks within a text that begins like JSON and is none: what was found as in plain text, and what stands behind a key.
    mutating func rewriteLikeJSON(_ text: Span<UInt8>, _ found: [Sighting], into output: inout [UInt8]) -> Bool {
        let start = output.count
        var cursor = SightingCursor(found)
        var tokens = JSONTokens()
        var copied = 0
        var isChanged = false
        var lastString: Range<Int>?
        var use: Int?
        while !keys.isEmpty, let token = tokens.next(in: text) {
            if let number = use, token.kind != .colon {
                use = nil
                let before = cursor.take(in: copied..<token.range.lowerBound)
                if !before.isEmpty {
                    splice(text, before, upTo: token.range.lowerBound, &copied, into: &output)
                    isChanged = true
                }
                if token.kind == .invalid {
                    copyRest(text, from: token.range.lowerBound, cursor, number, &copied, &isChanged, into: &output)
                } else {
                    maskValue(text, token, &tokens, number, &copied, &isChanged, into: &output)
                }
            }
            if token.kind == .colon, let key = lastString {
                use = findKey(text, key.lowerBound + 1..<key.upperBound - 1)
            }
            lastString = token.kind == .string ? token.range : nil
        }
        let rest = cursor.rest(from: copied)
        if !rest.isEmpty {
            splice(text, rest, upTo: text.count, &copied, into: &output)
            isChanged = true
        }
        guard isChanged else {
            output.removeSubrange(start...)
            return false
        }
        output.append(text, min(copied, text.count)..<text.count)
        return true
    }

    /// - Returns: whether the string changed.
    private mutating func rewriteString(
        _ text: Span<UInt8>, _ content: Range<Int>, _ inside: [Sighting], _ selection: DetectorSelection, _ level: Int,
        _ copied: inout Int, into output: inout [UInt8]
    ) -> Bool {
        let plain = Unescaped(backslashes: text, content)
        let own = plain.parts(of: inside, in: content)
        if level < StructuredMasking.maxLevel, StructuredMasking.isStructured(plain.bytes.span) {
            guard let new = rewriteContent(plain.bytes.span, own, selection, level: level) else { return false }
            output.append(text, copied..<content.lowerBound)
            JSONText.appendEscaped(new.span, to: &output)
            copied = content.upperBound
            return true
        }
        // Only what was found is written anew: the other escapes stay as they are.
        for (sighting, own) in zip(inside, own) {
            let range = sighting.range.clamped(to: max(content.lowerBound, copied)..<content.upperBound)
            guard !range.isEmpty else { continue }
            output.append(text, copied..<range.lowerBound)
            let form = form(of: plain.bytes.span.extracting(own.range), by: mask(own))
            JSONText.appendEscaped(form.span, to: &output)
            copied = range.upperBound
        }
        return !inside.isEmpty
    }

    /// Masks the value under a key: a string, a number, a truth value, or all that is between braces or brackets. `null` is nobody's.
    private mutating func maskValue(
        _ text: Span<UInt8>, _ token: JSONTokens.Token, _ tokens: inout JSONTokens, _ number: Int, _ copied: inout Int,
        _ isChanged: inout Bool, into output: inout [UInt8]
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
        output.append(text, copied..<token.range.lowerBound)
        foundKeys.append(number)
        let mask = keys.uses[number].mask
        if token.kind == .string {
            let content = token.range.lowerBound + 1..<token.range.upperBound - 1
            let plain = Unescaped(backslashes: text, content)
            appendJSON(plain.bytes.span, isSubtree: false, by: mask, to: &output)
        } else {
            let isSubtree = token.kind == .openObject || token.kind == .openArray
            appendJSON(text.extracting(token.range.lowerBound..<end), isSubtree: isSubtree, by: mask, to: &output)
        }
        copied = end
        isChanged = true
    }

    /// The mask of a value that is masked whole for what was found in it.
    mutating func strictest(of sightings: [Sighting], in range: Range<Int>) -> Mask {
        var strictest: Mask?
        for sighting in sightings {
            let mask = mask(sighting.clamped(to: range))
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
