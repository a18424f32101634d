import Crypto
import Policy
import PostgresWire
import SQLInspection

/// What clients see of errors, notices and notifications.
extension PostgresSession {
    /// What may be seen of an error or notice.
    ///
    /// Where no column of the resource is classified, everything passes, looked through by the detectors. Else a text passes
    /// when it is about the statement itself, which the client wrote, or when the statement cannot have had a sensitive
    /// value in its hands; and what is left passes by the table of SQLSTATEs. A text that does not pass is replaced, and the
    /// statement's record gets its digest.
    mutating func cleaned(_ fields: ResponseFields) -> ResponseFields {
        let isStrict = policy?.hasClassifiedColumns ?? true
        let sqlState = String(decoding: fields["C"] ?? [], as: UTF8.self)
        let entry = ErrorTable.entry(sqlState)
        let isFromCode = fields["W"] != nil || fields["q"] != nil || runsCode
        let isHarmless = !isFromCode && (isAboutStatement(fields) || !mayHoldSensitiveValues)
        var kept: [ResponseFields.Field] = []
        for field in fields.fields {
            switch field.code {
            case UInt8(ascii: "S"), UInt8(ascii: "V"), UInt8(ascii: "P"): kept.append(field)
            // Where in the server's own source it comes from.
            case UInt8(ascii: "F"), UInt8(ascii: "L"), UInt8(ascii: "R"): kept.append(field)
            case UInt8(ascii: "C"):
                // Code of the database's own can make a SQLSTATE of five characters of a value.
                let isSafe = !isStrict || !isFromCode || ErrorTable.isKnown(sqlState)
                kept.append(.init(code: field.code, value: isSafe ? field.value : Array("P0001".utf8)))
            // Names of schema, table, column, type and constraint: RAISE sets them to anything.
            case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "c"), UInt8(ascii: "d"), UInt8(ascii: "n"):
                if !isStrict || !isFromCode { kept.append(field) }
            case UInt8(ascii: "M"):
                if !isStrict || isHarmless || !isFromCode && entry.passes.contains(field.code) {
                    kept.append(.init(code: field.code, value: masker.scanText(field.value)))
                } else {
                    withhold(sqlState, field.value)
                    kept.append(.init(code: field.code, value: PostgresSession.replacement(entry)))
                }
            case UInt8(ascii: "D"), UInt8(ascii: "H"):
                if !isStrict || isHarmless || !isFromCode && entry.passes.contains(field.code) {
                    kept.append(.init(code: field.code, value: masker.scanText(field.value)))
                }
            // Context, internal query and its position, and whatever is new.
            default: if !isStrict { kept.append(.init(code: field.code, value: masker.scanText(field.value))) }
            }
        }
        return ResponseFields(kept)
    }

    private static func replacement(_ entry: ErrorTable.Entry) -> [UInt8] {
        Array((entry.text + " (the database's text may quote a value and was withheld)").utf8)
    }

    /// The server gives a position in the statement to what it found while it read the statement, and never to what it found
    /// in a row; where it was reading something else, there is a context or an internal query beside it.
    private func isAboutStatement(_ fields: ResponseFields) -> Bool { fields["P"] != nil }

    /// What the server is at work on; `nil` when that cannot be told.
    var statementAtWork: JudgedStatement? {
        switch exchanges.first {
        case .query(let exchange): exchange.run?.judged
        case .execute(let exchange): exchange.run.judged
        case .parse(_, let mirror): mirror.judged
        case .bind(_, let portal): portal.judged
        case .describeStatement(let mirror, _): mirror?.judged
        case .describePortal(let portal, _): portal?.judged
        case .close, .refusal, .searchPath, .sync, nil: nil
        }
    }

    /// Whether what runs calls code that nobody looked into. Whoever vouches for it vouches for what it does, not for each
    /// text that it raises.
    private var runsCode: Bool {
        guard let analysis = statementAtWork?.analysis else { return false }
        return !analysis.functions.isEmpty
            || !analysis.hazards.isDisjoint(with: [.dynamicCode, .procedureCall, .unjudged])
    }

    /// Whether what the server is at work on may have a sensitive value in its hands: any relation that it touches has a
    /// classified column. The statement need not name it; conditions of row security, constraints and indexes are
    /// computed from columns that it does not.
    private var mayHoldSensitiveValues: Bool {
        guard let policy, let catalog, let judged = statementAtWork else { return true }
        let analysis = judged.analysis
        switch analysis.kind {
        // Deferred constraints are checked, and deferred triggers run, of whatever the transaction did.
        case .commit, .set(name: "set constraints", _, _): return true
        default: break
        }
        return analysis.accesses.contains { access in
            // These compute nothing from rows.
            if [.drop, .grant, .lock, .truncate].contains(access.effect) { return false }
            guard let relation = catalog.snapshot.relation(schema: access.schema, name: access.name) else {
                return !access.isCatalog
            }
            if relation.kind == .materializedView || relation.kind == .view { return true }
            return relation.columns.contains { column in
                policy.classification(
                    of: BaseColumn(schema: access.schema, relation: access.name, column: column.name)) != nil
            }
        }
    }

    // MARK: Digests

    /// Keeps the digest of a text that the client does not get, for the record of the statement that is under way or comes
    /// next.
    mutating func withhold(_ sqlState: String, _ message: [UInt8]) {
        guard withheld.count < PostgresSession.mostWithheld else { return }
        let text = Array(sqlState.utf8) + [0] + message
        if let key = policy?.maskKey {
            withheld.append(text.withSpan { key.seal($0) })
        } else {
            let code = HMAC<SHA256>.authenticationCode(for: text, using: PostgresSession.withheldKey)
            withheld.append(Array(code.prefix(16)))
        }
    }

    /// A text's plain digest could be guessed, since a short value is all in it that is not known. Where the policy has no
    /// key, the process's own still tells equal texts from others.
    private static let withheldKey = SymmetricKey(size: .bits256)

    /// A function may raise notices without end.
    private static let mostWithheld = 16

    // MARK: Notifications

    /// A notification's payload comes from any session of the database's, and from triggers that tell of rows: what it is
    /// made of cannot be told. Where columns are classified it passes to whom policy vouches for `unknownLineage` on
    /// LISTEN, and looked through by the detectors.
    mutating func cleanedPayload(_ payload: [UInt8], channel: [UInt8]) -> [UInt8] {
        guard let policy, !payload.isEmpty else { return payload }
        if policy.hasClassifiedColumns {
            let object = ObjectPath([String(decoding: channel, as: UTF8.self)])
            let operation = Operation(
                resource: configuration.resource.name, accesses: [Access(verb: .listen, object: object)],
                features: .unknownLineage)
            guard decide(operation).outcome == .allow else {
                withhold("", payload)
                return Array("[redacted]".utf8)
            }
        }
        return masker.scanText(payload)
    }
}
