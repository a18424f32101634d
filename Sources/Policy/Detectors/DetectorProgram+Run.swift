/// One run of one automaton.
extension DetectorProgram {
    private static let checkpoint = 64

    func run(
        _ number: Int, _ text: Span<UInt8>, _ selection: DetectorSelection, from start: Int,
        into findings: inout DetectorFindings
    ) {
        if findings.isResumeInUse, start < findings.resume[number] { return }
        let group = groups[number]
        walk(group, number, text, from: start, into: &findings)
        guard findings.acceptCount > 0 else { return }
        if group.kind == .contextWords {
            takeWords(text, from: start, into: &findings)
        } else {
            take(number, text, selection, from: start, into: &findings)
        }
    }

    /// Runs the automaton until it dies, and keeps where it matched.
    @inline(__always)
    private func walk(
        _ group: DetectorProgram.Group, _ number: Int, _ text: Span<UInt8>, from start: Int,
        into findings: inout DetectorFindings
    ) {
        findings.acceptCount = 0
        if !findings.checkpoints.isEmpty { findings.checkpoints.removeAll(keepingCapacity: true) }
        let before = start > 0 ? text[start - 1] : 0
        let followsWord = before.isWord && prefilter.before[Int(before)] >> UInt64(number) & 1 != 0
        var row = followsWord ? group.startAfterWord : group.startAfterOther
        var position = start
        let count = text.count
        var stop = min(count, (start + 2 * DetectorProgram.checkpoint - 1) & ~(DetectorProgram.checkpoint - 1))
        while true {
            (position, row) = unsafe DetectorProgram.advance(
                transitions.pointer + group.transitions, classes.pointer + group.classes, group.firstAccepting, row,
                text, position..<stop)
            if row >= group.firstAccepting, position < stop {
                accept(group, row, position, text[position].isWord, into: &findings)
                row = Int(transitions[group.transitions + row + Int(classes[group.classes + Int(text[position])])])
                if row == 0 { break }
                position += 1
                continue
            }
            if row == 0 { break }
            if position == count {
                if row >= group.firstAccepting { accept(group, row, position, false, into: &findings) }
                findings.leaveOpen(start)
                break
            }
            // A match that ends here counts before the note does.
            if row >= group.firstAccepting {
                accept(group, row, position, text[position].isWord, into: &findings)
            }
            guard check(group, number, row / group.stride, text, at: position, into: &findings) else { break }
            row = Int(transitions[group.transitions + row + Int(classes[group.classes + Int(text[position])])])
            if row == 0 { break }
            position += 1
            stop = min(count, stop + DetectorProgram.checkpoint)
        }
        // What lies behind the last match led to nothing, and would again.
        for checkpoint in findings.checkpoints {
            findings.hopeless[number][checkpoint >> 6] |= 1 << UInt64(checkpoint & 63)
        }
    }

    /// Goes on until the automaton dies, accepts or comes to the end of the range.
    @inline(__always)
    private static func advance(
        _ rows: UnsafePointer<UInt32>, _ classes: UnsafePointer<UInt8>, _ firstAccepting: Int, _ row: Int,
        _ text: Span<UInt8>, _ range: Range<Int>
    ) -> (position: Int, row: Int) {
        var row = row
        var position = range.lowerBound
        while position < range.upperBound, row < firstAccepting {
            row = unsafe Int(rows[row &+ Int(classes[Int(text[unchecked: position])])])
            if row == 0 { break }
            position &+= 1
        }
        return (position, row)
    }

    @inline(__always)
    private func accept(
        _ group: DetectorProgram.Group, _ row: Int, _ end: Int, _ isBeforeWord: Bool,
        into findings: inout DetectorFindings
    ) {
        let set = transitions[group.transitions + row + group.classCount + (isBeforeWord ? 0 : 1)]
        if set != 0 { findings.accept(DetectorFindings.Accept(end: end, set: Int(set))) }
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
        var index = findings.acceptCount
        while index > 0 {
            index -= 1
            let accept = findings.accepts[index]
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
                    findings.skip(number, to: range.upperBound)
                }
            }
        }
    }

    /// The longest word that ends where a word does.
    private func takeWords(_ text: Span<UInt8>, from start: Int, into findings: inout DetectorFindings) {
        var index = findings.acceptCount
        while index > 0 {
            index -= 1
            let accept = findings.accepts[index]
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
