/// One scan of one text.
///
/// Automata start at every place where a match may begin, so one stretch of text may be read more than once. Three things
/// keep the whole linear. A run that is 64 bytes long leaves a note at every 64th byte of the text from which it found
/// nothing more: a later run that comes to that place in the same state ends there. After a match of more than 64 bytes its
/// group goes on behind it. And there is a bounded number of groups.
extension DetectorProgram {
    /// Runs groups from every place in `range` where they may start.
    ///
    /// - Parameters:
    ///   - walked: The groups to run.
    ///   - probed: Groups of which only the answer is wanted whether they would have to be run.
    ///   - escapes: Whether the text has a backslash.
    ///   - runs: What is known of the text's runs from searches of what comes before `range`: one that goes on to the end of the
    ///     text would be measured anew by each of its pieces.
    /// - Returns: Those of `probed`.
    @discardableResult
    func search(
        _ text: Span<UInt8>, _ range: Range<Int>, _ selection: DetectorSelection, walked: UInt64, probed: UInt64 = 0,
        escapes: Bool, runs: inout DetectorPrefilter.Runs, into findings: inout DetectorFindings
    ) -> UInt64 {
        // What stands before a match is left for later where an escape may end there.
        let before = escapes ? 257 : 0
        var groups = walked | probed
        var answer: UInt64 = 0
        var position = range.lowerBound
        while position < range.upperBound {
            position = next(groups, text, position..<range.upperBound, before: before)
            guard position < range.upperBound else { break }
            var candidates = groups & starts(text, position)
            if before > 0 {
                if position > 0 { candidates = startable(candidates, text, at: position) }
            } else {
                candidates &= prefilter.before[position > 0 ? Int(text[position - 1]) : 256]
            }
            if candidates != 0 {
                candidates = prefilter.sufficient(
                    candidates, of: prefilter.numbers, text, from: position, &runs.numbers)
                candidates = prefilter.sufficient(candidates, of: prefilter.tokens, text, from: position, &runs.tokens)
                answer |= candidates & probed
                groups = walked | probed & ~answer
                candidates &= walked
                while candidates != 0 {
                    run(candidates.trailingZeroBitCount, text, selection, from: position, into: &findings)
                    candidates &= candidates &- 1
                }
                if groups == 0 { break }
            }
            position += 1
        }
        return answer
    }

    /// Runs groups that need no context in all of a long text, by its marks.
    func searchMarked(
        _ text: Span<UInt8>, _ selection: DetectorSelection, groups: UInt64, escapes: Bool,
        into findings: inout DetectorFindings
    ) {
        var runs = DetectorPrefilter.Runs()
        prefilter.marks.forEach(in: text, escapes: escapes) { position in
            // Sets are coarse: most of what they let pass ends here.
            var candidates = groups
            if position &+ DetectorProfile.window <= text.count {
                for place in 0..<DetectorProfile.nearWindow {
                    candidates &= prefilter.starts[257 &* place &+ Int(unsafe text[unchecked: position &+ place])]
                }
                if candidates == 0 { return }
                for place in DetectorProfile.nearWindow..<DetectorProfile.window {
                    candidates &= prefilter.starts[257 &* place &+ Int(unsafe text[unchecked: position &+ place])]
                }
            } else {
                candidates &= starts(text, position)
            }
            if candidates == 0 { return }
            if escapes {
                if position > 0 { candidates = startable(candidates, text, at: position) }
            } else {
                candidates &= prefilter.before[position > 0 ? Int(text[position - 1]) : 256]
            }
            if candidates == 0 { return }
            candidates = prefilter.sufficient(
                candidates, of: prefilter.numbers, text, from: position, &runs.numbers)
            candidates = prefilter.sufficient(candidates, of: prefilter.tokens, text, from: position, &runs.tokens)
            while candidates != 0 {
                let number = candidates.trailingZeroBitCount
                candidates &= candidates &- 1
                if !diesSoon(number, text, from: position) {
                    run(number, text, selection, from: position, into: &findings)
                }
            }
        }
    }

    /// Whether a run from a place ends within a few bytes, with nothing found: it is cheaper to see that than to begin it.
    @inline(__always)
    private func diesSoon(_ number: Int, _ text: Span<UInt8>, from start: Int) -> Bool {
        guard start &+ DetectorProgram.soon <= text.count else { return false }
        let (transitions, classes) = (groups[number].transitions, groups[number].classes)
        let firstAccepting = groups[number].firstAccepting
        let before = start > 0 ? unsafe text[unchecked: start &- 1] : 0
        let followsWord = before.isWord && prefilter.before[Int(before)] >> UInt64(number) & 1 != 0
        var row = followsWord ? groups[number].startAfterWord : groups[number].startAfterOther
        var position = start
        while position < start &+ DetectorProgram.soon {
            if row >= firstAccepting { return false }
            let byteClass = Int(self.classes[classes &+ Int(unsafe text[unchecked: position])])
            row = Int(self.transitions[transitions &+ row &+ byteClass])
            if row == 0 { return true }
            position &+= 1
        }
        return false
    }

    private static let soon = 8

    /// The next place where a group may start by the bytes near it, or by which the text is too short to tell.
    private func next(_ groups: UInt64, _ text: Span<UInt8>, _ range: Range<Int>, before: Int) -> Int {
        let count = min(range.upperBound, text.count - DetectorProfile.nearWindow + 1) - range.lowerBound
        guard count > 0 else { return range.lowerBound }
        return unsafe text.withUnsafeBufferPointer { bytes in
            let bytes = unsafe bytes.baseAddress.unsafelyUnwrapped + range.lowerBound
            return unsafe range.lowerBound
                + DetectorProgram.next(
                    groups, bytes, count, previous: range.lowerBound > 0 ? Int(bytes[-1]) : 256,
                    prefilter.starts.pointer, prefilter.before.pointer + before)
        }
    }

    @inline(never)
    private static func next(
        _ groups: UInt64, _ bytes: UnsafePointer<UInt8>, _ count: Int, previous: Int,
        _ starts: UnsafePointer<UInt64>, _ before: UnsafePointer<UInt64>
    ) -> Int {
        var previous = previous
        var position = 0
        while position < count {
            let byte = unsafe Int(bytes[position])
            let candidates =
                unsafe groups & starts[byte] & starts[257 &+ Int(bytes[position &+ 1])]
                & starts[514 &+ Int(bytes[position &+ 2])] & starts[771 &+ Int(bytes[position &+ 3])] & before[previous]
            if candidates != 0 { break }
            previous = byte
            position &+= 1
        }
        return position
    }

    /// The groups that may start at a place by the bytes that follow.
    private func starts(_ text: Span<UInt8>, _ position: Int) -> UInt64 {
        var groups = UInt64.max
        if position + DetectorProfile.window <= text.count {
            for place in 0..<DetectorProfile.window {
                groups &= prefilter.starts[257 &* place &+ Int(unsafe text[unchecked: position &+ place])]
            }
        } else {
            for place in 0..<DetectorProfile.window {
                let byte =
                    position + place < text.count ? Int(text[position + place]) : DetectorProfile.endOfText
                groups &= prefilter.starts[257 * place + byte]
            }
        }
        return groups
    }

    /// Finds context words. They start behind what is no letter, and at a hump: `patientMrn`.
    func searchWords(
        _ text: Span<UInt8>, _ range: Range<Int>, _ selection: DetectorSelection, groups: UInt64, escapes: Bool,
        into findings: inout DetectorFindings
    ) {
        if DetectorTables.isLong(text), range == 0..<text.count {
            prefilter.wordMarks.forEach(in: text, escapes: escapes) { position in
                searchWord(text, selection, groups: groups, at: position, into: &findings)
            }
            return
        }
        var position = range.lowerBound
        while position < range.upperBound {
            position = nextWord(text, position..<range.upperBound)
            guard position < range.upperBound else { break }
            searchWord(text, selection, groups: groups, at: position, into: &findings)
            position += 1
        }
    }

    @inline(__always)
    private func searchWord(
        _ text: Span<UInt8>, _ selection: DetectorSelection, groups: UInt64, at position: Int,
        into findings: inout DetectorFindings
    ) {
        var candidates = groups & starts(text, position)
        if candidates != 0, position > 0 { candidates = startable(candidates, text, at: position) }
        while candidates != 0 {
            run(candidates.trailingZeroBitCount, text, selection, from: position, into: &findings)
            candidates &= candidates &- 1
        }
    }

    /// The next place where a context word may start, wherever in a word that is.
    private func nextWord(_ text: Span<UInt8>, _ range: Range<Int>) -> Int {
        let count = min(range.upperBound, text.count - DetectorProfile.nearWindow + 1) - range.lowerBound
        guard count > 0 else { return range.lowerBound }
        return unsafe text.withUnsafeBufferPointer { bytes in
            unsafe range.lowerBound
                + DetectorProgram.nextWord(
                    bytes.baseAddress.unsafelyUnwrapped + range.lowerBound, count, prefilter.wordStarts.pointer)
        }
    }

    @inline(never)
    private static func nextWord(_ bytes: UnsafePointer<UInt8>, _ count: Int, _ starts: UnsafePointer<UInt64>) -> Int {
        var position = 0
        while position < count {
            let words =
                unsafe starts[Int(bytes[position])] & starts[257 &+ Int(bytes[position &+ 1])]
                & starts[514 &+ Int(bytes[position &+ 2])] & starts[771 &+ Int(bytes[position &+ 3])]
            if words != 0 { break }
            position &+= 1
        }
        return position
    }

    /// The groups that may start at `position`, in view of what is before it.
    private func startable(_ groups: UInt64, _ text: Span<UInt8>, at position: Int) -> UInt64 {
        let before = text[position - 1]
        // The letter of an escape such as \n is no part of what follows it.
        if before == UInt8(ascii: "\\"), text[position].isEscapeLetter || text[position] == UInt8(ascii: "u") {
            return 0
        }
        let allowed = groups & prefilter.before[Int(before)]
        if allowed == groups { return groups }
        if text.endsEscape(before: position) { return groups }
        // patientMrn: a context word may start at a hump.
        if before.isLowercase, text[position].isUppercase { return allowed | groups & words }
        return allowed
    }

    /// Runs a group around every occurrence of its anchor: from as far back as bytes reach that may stand before it.
    func searchAnchored(
        _ number: Int, _ text: Span<UInt8>, _ selection: DetectorSelection, escapes: Bool,
        into findings: inout DetectorFindings
    ) {
        let anchor = UInt8(truncatingIfNeeded: groups[number].anchor)
        let inside = prefilter.inside
        var searched = 0
        var position = 0
        var runs = DetectorPrefilter.Runs()
        while true {
            position = text.first(anchor, from: position)
            guard position < text.count else { break }
            let earliest = max(searched, position - DetectorTableLayout.window)
            var start = position
            while start > earliest, inside[Int(unsafe text[unchecked: start - 1])] >> UInt64(number) & 1 != 0 {
                start -= 1
            }
            position += 1
            search(
                text, start..<position, selection, walked: 1 << UInt64(number), escapes: escapes, runs: &runs,
                into: &findings)
            searched = position
        }
    }

    // MARK: Context

    /// Runs groups near context words, or everywhere where the column's name is one.
    func searchNearWords(
        _ text: Span<UInt8>, _ selection: DetectorSelection, groups: UInt64, escapes: Bool,
        into findings: inout DetectorFindings
    ) {
        let everywhere = groups & selection.contextualByColumn
        if everywhere != 0 {
            var runs = DetectorPrefilter.Runs()
            search(
                text, 0..<text.count, selection, walked: everywhere, escapes: escapes, runs: &runs, into: &findings)
        }
        let rest = groups & ~everywhere
        guard rest != 0, !findings.words.isEmpty else { return }
        var next = 0
        var runs = DetectorPrefilter.Runs()
        for index in findings.words.indices {
            let word = findings.words[index]
            let start = max(next, word.range.lowerBound - DetectorTables.contextAfter - DetectorTables.contextualValue)
            let end = min(text.count, word.range.upperBound + DetectorTables.contextBefore + 1)
            guard start < end else { continue }
            search(text, start..<end, selection, walked: rest, escapes: escapes, runs: &runs, into: &findings)
            next = end
        }
    }
}
