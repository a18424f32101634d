/// One scan of one text.
///
/// Automata start at every place where a match may begin, so one stretch of text may be read more than once. Three things
/// keep the whole linear. A run that is 64 bytes long leaves a note at every 64th byte of the text from which it found
/// nothing more: a later run that comes to that place in the same state ends there. After a match of more than 64 bytes its
/// group goes on behind it. And there is a bounded number of groups.
extension DetectorProgram {
    private static let checkpoint = 64
    /// Ends of matches that are kept of one run: more than any pattern with a validator has.
    private static let maxAccepts = 64

    /// Runs groups from every place in `range` where they may start.
    func search(
        _ text: Span<UInt8>, _ range: Range<Int>, _ selection: DetectorSelection, groups: UInt64,
        into findings: inout DetectorFindings
    ) {
        let starts = prefilter.starts
        let count = text.count
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = Int(text[position])
            var candidates = groups & starts[byte]
            if candidates != 0 {
                if position + 1 < count { candidates &= starts[256 + Int(text[position + 1])] }
                if position + 2 < count { candidates &= starts[512 + Int(text[position + 2])] }
                if candidates != 0, position > 0 {
                    candidates = startable(candidates, text, selection, at: position)
                }
                while candidates != 0 {
                    run(candidates.trailingZeroBitCount, text, selection, from: position, into: &findings)
                    candidates &= candidates &- 1
                }
            }
            position += 1
        }
    }

    /// The groups that may start at `position`, in view of what is before it.
    private func startable(_ groups: UInt64, _ text: Span<UInt8>, _ selection: DetectorSelection, at position: Int)
        -> UInt64
    {
        let before = text[position - 1]
        // The letter of an escape such as \n is no part of what follows it.
        if before == UInt8(ascii: "\\"), text[position].isEscapeLetter || text[position] == UInt8(ascii: "u") {
            return 0
        }
        let allowed = groups & prefilter.starts[768 + Int(before)]
        if allowed == groups { return groups }
        if text.endsEscape(before: position) { return groups }
        // patientMrn: a context word may start at a hump.
        if before.isLowercase, text[position].isUppercase { return allowed | groups & selection.words }
        return allowed
    }

    // MARK: One run

    private func run(
        _ number: Int, _ text: Span<UInt8>, _ selection: DetectorSelection, from start: Int,
        into findings: inout DetectorFindings
    ) {
        if findings.isResumeInUse, start < findings.resume[number] { return }
        let group = groups[number]
        walk(group, number, text, from: start, into: &findings)
        guard !findings.accepts.isEmpty else { return }
        if group.kind == .contextWords {
            takeWords(text, from: start, into: &findings)
        } else {
            take(number, text, selection, from: start, into: &findings)
        }
    }

    /// Runs the automaton until it dies, and keeps where it matched.
    private func walk(
        _ group: DetectorProgram.Group, _ number: Int, _ text: Span<UInt8>, from start: Int,
        into findings: inout DetectorFindings
    ) {
        if !findings.accepts.isEmpty { findings.accepts.removeAll(keepingCapacity: true) }
        if !findings.checkpoints.isEmpty { findings.checkpoints.removeAll(keepingCapacity: true) }
        let before = start > 0 ? text[start - 1] : 0
        let followsWord = before.isWord && prefilter.starts[768 + Int(before)] >> UInt64(number) & 1 != 0
        var state = Int(followsWord ? group.startAfterWord : group.startAfterOther)
        var position = start
        let count = text.count
        while position < count {
            let byte = text[position]
            if state >= group.firstAccepting {
                let set = accepts[group.accepts + 2 * (state - group.firstAccepting) + (byte.isWord ? 0 : 1)]
                if set != 0 { accept(position, set, into: &findings) }
            }
            if position & (DetectorProgram.checkpoint - 1) == 0, position - start >= DetectorProgram.checkpoint {
                guard check(group, number, state, text, at: position, into: &findings) else { break }
            }
            state = Int(
                transitions[group.transitions + state * group.classCount + Int(classes[group.classes + Int(byte)])])
            guard state != 0 else { break }
            position += 1
        }
        if position == count, state >= group.firstAccepting {
            let set = accepts[group.accepts + 2 * (state - group.firstAccepting) + 1]
            if set != 0 { accept(position, set, into: &findings) }
        }
        // What lies behind the last match led to nothing, and would again.
        for checkpoint in findings.checkpoints {
            findings.hopeless[number][checkpoint >> 6] |= 1 << UInt64(checkpoint & 63)
        }
    }

    private func accept(_ end: Int, _ set: UInt16, into findings: inout DetectorFindings) {
        if findings.accepts.count == DetectorProgram.maxAccepts {
            findings.accepts.removeFirst(DetectorProgram.maxAccepts / 2)
        }
        findings.accepts.append(DetectorFindings.Accept(end: end, set: Int(set)))
        if !findings.checkpoints.isEmpty { findings.checkpoints.removeAll(keepingCapacity: true) }
    }

    /// Notes that a long run came by.
    /// - Returns: Whether it may still find something.
    private func check(
        _ group: DetectorProgram.Group, _ number: Int, _ state: Int, _ text: Span<UInt8>, at position: Int,
        into findings: inout DetectorFindings
    ) -> Bool {
        if findings.hopeless.isEmpty {
            findings.hopeless = Array(repeating: [], count: self.groups.count)
        }
        if findings.hopeless[number].isEmpty {
            let bits = (text.count / DetectorProgram.checkpoint + 1) * group.stateCount
            findings.hopeless[number] = Array(repeating: 0, count: bits >> 6 + 1)
        }
        let bit = position / DetectorProgram.checkpoint * group.stateCount + state
        if findings.hopeless[number][bit >> 6] >> UInt64(bit & 63) & 1 != 0 { return false }
        findings.checkpoints.append(bit)
        return true
    }

    // MARK: What a run found

    /// For every detector the longest of its matches that is valid.
    private func take(
        _ number: Int, _ text: Span<UInt8>, _ selection: DetectorSelection, from start: Int,
        into findings: inout DetectorFindings
    ) {
        var found = DetectorSet()
        for accept in findings.accepts.reversed() {
            for member in acceptSets[accept.set]..<acceptSets[accept.set + 1] {
                let pattern = patterns[acceptMembers[member]]
                guard selection.enabled.contains(pattern.detector), !found.contains(pattern.detector),
                    let range = pattern.validator.validate(text, start..<accept.end),
                    !pattern.needsContext || hasContext(pattern.detector, range, selection, findings)
                else { continue }
                found.insert(pattern.detector)
                findings.matches.append(
                    DetectorFindings.Match(range: range, detector: pattern.detector, rank: pattern.validator.rank))
                if range.count > DetectorProgram.checkpoint {
                    findings.resume[number] = max(
                        findings.isResumeInUse ? findings.resume[number] : 0, range.upperBound)
                    if !findings.isResumeInUse {
                        for other in findings.resume.indices where other != number { findings.resume[other] = 0 }
                        findings.isResumeInUse = true
                    }
                }
            }
        }
    }

    /// The longest word that ends where a word does.
    private func takeWords(_ text: Span<UInt8>, from start: Int, into findings: inout DetectorFindings) {
        for accept in findings.accepts.reversed() {
            if accept.end < text.count, text[accept.end].isLetter {
                let isHump = text[accept.end].isUppercase && text[accept.end - 1].isLowercase
                guard isHump else { continue }
            }
            var detectors = DetectorSet()
            for member in acceptSets[accept.set]..<acceptSets[accept.set + 1] {
                detectors.insert(acceptMembers[member])
            }
            findings.words.append(
                DetectorFindings.ContextWord(
                    range: start..<accept.end, detectors: detectors))
            return
        }
    }

    // MARK: Context

    /// Runs groups near context words, or everywhere where the column's name is one.
    func searchNearWords(
        _ text: Span<UInt8>, _ selection: DetectorSelection, groups: UInt64, into findings: inout DetectorFindings
    ) {
        let everywhere = groups & selection.contextualByColumn
        if everywhere != 0 { search(text, 0..<text.count, selection, groups: everywhere, into: &findings) }
        let rest = groups & ~everywhere
        guard rest != 0, !findings.words.isEmpty else { return }
        var next = 0
        for index in findings.words.indices {
            let word = findings.words[index]
            let start = max(next, word.range.lowerBound - DetectorTables.contextAfter - DetectorTables.contextualValue)
            let end = min(text.count, word.range.upperBound + DetectorTables.contextBefore + 1)
            guard start < end else { continue }
            search(text, start..<end, selection, groups: rest, into: &findings)
            next = end
        }
    }

    /// Whether a context word of the detector is near.
    private func hasContext(
        _ detector: Int, _ range: Range<Int>, _ selection: DetectorSelection, _ findings: borrowing DetectorFindings
    ) -> Bool {
        if selection.namedByColumn.contains(detector) { return true }
        // The words are in the order of their starts, and none is long: those far off are skipped by halves.
        let earliest = range.lowerBound - DetectorTables.contextBefore - DetectorTables.contextualValue
        var low = 0
        var high = findings.words.count
        while low < high {
            let middle = (low + high) / 2
            if findings.words[middle].range.lowerBound < earliest {
                low = middle + 1
            } else {
                high = middle
            }
        }
        while low < findings.words.count {
            let word = findings.words[low]
            guard word.range.lowerBound <= range.upperBound + DetectorTables.contextAfter else { return false }
            low += 1
            let isNear = word.range.upperBound + DetectorTables.contextBefore >= range.lowerBound
            if isNear, word.detectors.contains(detector) { return true }
        }
        return false
    }
}
