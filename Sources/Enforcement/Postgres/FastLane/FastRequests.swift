import Policy
import PostgresWire
import Records
import SQLInspection
import WireBytes

/// Requests that the lane takes.
extension PostgresSession {
    /// - Returns: Whether it has taken the request; else nothing has happened.
    mutating func takeFastRequest(
        _ bytes: Span<UInt8>, at now: SessionInstant, into output: inout SessionOutput
    ) -> Bool {
        guard lane.isOn, bytes.count > 6, isAtRest(at: now), lane.epoch == epoch else { return false }
        if bytes[0] == FrontendTag.query.rawValue { return takeFastQuery(bytes, at: now, into: &output) }
        return takeFastPipeline(bytes, at: now, into: &output)
    }

    /// Whether nothing is under way and nothing in doubt, so that what the client asks now may be sent at once if policy lets it.
    private func isAtRest(at now: SessionInstant) -> Bool {
        guard phase == .ready, case .open = gate, !lane.isPending, !isDraining, !isClientPaused, transaction != .failed,
            exchanges.isEmpty, client.buffered == 0, upstream.buffered == 0, !upstream.isStreaming, withheld.isEmpty,
            hold == nil, reading == nil, segment.isFresh, resolution.isCertain
        else { return false }
        return !isExpired(at: now)
    }

    func isExpired(at now: SessionInstant) -> Bool {
        // The identity's names are not touched.
        switch identity {
        case .none: true
        case .some: (identity?.expiresAtUnixSeconds ?? .min) <= now.unixSeconds
        }
    }

    private mutating func takeFastQuery(
        _ bytes: Span<UInt8>, at now: SessionInstant, into output: inout SessionOutput
    ) -> Bool {
        guard bytes.endOfMessage(FrontendTag.query.rawValue, at: 0) == bytes.count, bytes[bytes.count - 1] == 0 else {
            return false
        }
        // A text that is found holds no zero: none that was judged does.
        let text = bytes.extracting(5..<bytes.count - 1)
        guard let index = lane.entries.firstIndex(where: { $0.isGood(for: text) }) else { return false }
        let entry = lane.entries[index]
        if !entry.text.holdsSameBytes(as: text) { lane.text.append(text, 0..<text.count) }
        if lane.mirror != nil { lane.mirror = nil }
        begin(entry, FastLane.Shape(isQuery: true), at: now)
        output.upstream.append(bytes, of: entry.facts.permission)
        return true
    }

    private mutating func takeFastPipeline(
        _ bytes: Span<UInt8>, at now: SessionInstant, into output: inout SessionOutput
    ) -> Bool {
        guard !portals.isFull, let layout = RequestLayout(bytes) else { return false }
        guard
            let (entry, mirror) = layout.hasParse
                ? parsed(bytes.extracting(layout.text)) : named(bytes.extracting(layout.name))
        else { return false }
        // What was never described would have to be, before its rows come.
        guard layout.hasDescribe || mirror.isDescribed else { return false }
        if lane.policy.recordsParameters, layout.parameterCount > 0 { lane.pipeline.append(bytes, 0..<bytes.count) }
        lane.formats.removeAll(keepingCapacity: true)
        lane.formats.append(bytes, layout.resultFormats)
        if lane.mirror !== mirror { lane.mirror = mirror }
        begin(
            entry, FastLane.Shape(isQuery: false, hasParse: layout.hasParse, hasDescribe: layout.hasDescribe), at: now)
        output.upstream.append(bytes, of: entry.facts.permission)
        return true
    }

    private mutating func begin(_ entry: FastEntry, _ shape: FastLane.Shape, at now: SessionInstant) {
        self.now = now
        statementCount += 1
        lane.isPending = true
        lane.isPrepared = lane.text.isEmpty && lane.pipeline.isEmpty
        lane.shape = shape
        if lane.entry !== entry { lane.entry = entry }
        lane.number = statementCount
        lane.startedNanoseconds = now.uptimeNanoseconds
    }

    /// What a Parse of the unnamed statement makes.
    private func parsed(_ text: Span<UInt8>) -> (FastEntry, StatementMirror)? {
        guard !statements.isFull else { return nil }
        for index in 0..<lane.entries.count {
            let entry = lane.entries[index]
            guard entry.text.holdsSameBytes(as: text) else { continue }
            // One that was described since may be parsed with parameters of other types now.
            if let known = entry.unnamed, !known.isDescribed, known.epoch == epoch { return (entry, known) }
            let mirror = StatementMirror(text: entry.text, judged: entry.judged, epoch: epoch)
            entry.unnamed = mirror
            return (entry, mirror)
        }
        return nil
    }

    /// What stands behind a name.
    private mutating func named(_ name: Span<UInt8>) -> (FastEntry, StatementMirror)? {
        for index in 0..<lane.names.count
        where lane.names[index].changes == statements.changes && lane.names[index].name.holdsSameBytes(as: name) {
            return (lane.names[index].entry, lane.names[index].mirror)
        }
        let key = WireName(copying: name)
        guard let mirror = statements[key], mirror.epoch == epoch, let entry = fastEntry(of: mirror.judged) else {
            return nil
        }
        lane.keep(FastLane.Name(name: key, changes: statements.changes, mirror: mirror, entry: entry))
        return (entry, mirror)
    }

    // MARK: What the lane knows

    /// Takes note of a statement that the machine lets pass.
    mutating func remember(_ statement: JudgedStatement) {
        guard lane.isOn, !resolution.changedCatalogInTransaction else { return }
        _ = fastEntry(of: statement)
    }

    private mutating func fastEntry(of statement: JudgedStatement) -> FastEntry? {
        guard statement.isPlainRead, let policy else { return nil }
        let epoch = self.epoch
        if lane.epoch != epoch {
            lane.forget()
            lane.policy = FastPolicy(policy)
            lane.epoch = epoch
        }
        if let known = lane.entries.first(where: { $0.judged === statement }) { return known }
        guard let facts = statement.facts({ facts(of: $0, policy) }) else { return nil }
        let entry = FastEntry(statement, facts)
        lane.keep(entry)
        return entry
    }

    private func facts(of statement: JudgedStatement, _ policy: any SessionPolicy) -> FastFacts? {
        guard let permission = Permitted(StandingPermission(), by: statement.verdict) else { return nil }
        return FastFacts(
            permission: permission, evidence: statement.evidence { evidence(of: $0) },
            template: JudgementScope.template(of: statement, policy),
            hidesParameters: hidesParameters(of: statement, policy))
    }
}

extension SegmentState {
    /// Nothing was sent in it.
    var isFresh: Bool { !isOpen && !hasExecuted && !skipsUntilSync }
}

extension ResolutionState {
    /// Names mean what they meant, and will after the transaction.
    var isCertain: Bool {
        !isSearchPathStale && !changedPathInTransaction && !isCatalogStale && !changedCatalogInTransaction
    }
}
