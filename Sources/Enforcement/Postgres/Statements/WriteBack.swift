import Policy
import PostgresWire
import SQLInspection

/// Keeps masked values from being written over the real ones: an agent that reads `************1234` and updates the row with
/// it would destroy what it stands for.
///
/// What a classified column gets is looked at as far as the statement's text, its parameters and the data of a COPY tell it.
/// Columns of no classification are looked at where detectors mask what they find in them, and where a row is changed.
struct WriteBack {
    let policy: any SessionPolicy
    let catalog: CatalogSnapshot

    /// A column that a masked value must not get into.
    struct Guarded {
        var name: String
        var mask: Mask
        /// `nil`: it is not classified, and only its detectors' masks are known.
        var classification: String?
        var kind: ValueKind
        var typeOID: UInt32
    }

    /// - Returns: why the statement must not run; `nil` when its text carries nothing masked.
    func refusal(of analysis: StatementAnalysis) -> String? {
        for write in analysis.writes where !write.constants.isEmpty {
            guard let column = guarded(write) else { continue }
            for constant in write.constants {
                guard case .literal(let text) = constant.source else { continue }
                let place = MaskedForm.Place(isWhole: constant.isWhole, changesRows: write.changesRows)
                if isCarried(by: text, to: column, place) { return message(column) }
            }
        }
        return nil
    }

    /// - Returns: why the parameters must not be bound.
    func refusal(of bind: FrontendMessage.Bind, to analysis: StatementAnalysis) -> String? {
        if bind.parameters.isEmpty { return nil }
        for write in analysis.writes where !write.constants.isEmpty {
            guard let column = guarded(write) else { continue }
            for constant in write.constants {
                guard case .parameter(let number) = constant.source, bind.parameters.indices.contains(number - 1),
                    let value = bind.parameters[number - 1]
                else { continue }
                let place = MaskedForm.Place(isWhole: constant.isWhole, changesRows: write.changesRows)
                let isText = bind.format(ofParameter: number - 1) == .text
                if isText ? isCarried(by: value, to: column, place) : isCarried(byBinary: value, to: column, place) {
                    return message(column)
                }
            }
        }
        return nil
    }

    /// The columns of a COPY FROM, in the order of its data; `nil` when nothing of it needs a look.
    func guardedColumns(ofCopy analysis: StatementAnalysis) -> [Guarded?]? {
        let columns = analysis.writes.map(guarded)
        return columns.contains { $0 != nil } ? columns : nil
    }

    /// The strictest of what policy says of a written column.
    func guarded(_ write: ColumnWrite) -> Guarded? {
        var found: Guarded?
        for target in write.targets {
            guard let known = policy.classification(of: target) else { continue }
            if let found, found.mask.strictness >= known.mask.strictness { continue }
            found = guarded(target, mask: known.mask, classification: known.maskedBy)
        }
        if let found { return found }
        guard write.changesRows, policy.scanner != nil, let target = write.targets.first else { return nil }
        return guarded(target, mask: .redact, classification: nil)
    }

    private func guarded(_ column: BaseColumn, mask: Mask, classification: String?) -> Guarded {
        let typeOID = catalog.relation(schema: column.schema, name: column.relation)?
            .columns.first { $0.name.utf8.elementsEqual(column.column.utf8) }?.typeOID
        return Guarded(
            name: "\(column.schema).\(column.relation).\(column.column)", mask: mask, classification: classification,
            kind: typeOID.map(PostgresTypes.kind) ?? .text, typeOID: typeOID ?? 0)
    }

    // MARK: Values

    func isCarried(by text: [UInt8], to column: Guarded, _ place: MaskedForm.Place) -> Bool {
        guard column.classification != nil else { return text.withSpan { MaskedForm.carriesWholeMask($0) } }
        return text.withSpan { MaskedForm.isCarried(by: $0, mask: column.mask, kind: column.kind, place: place) }
    }

    /// A binary value is looked at as it is, since most types' binary form holds their text, and as text.
    func isCarried(byBinary value: [UInt8], to column: Guarded, _ place: MaskedForm.Place) -> Bool {
        var types = [column.typeOID]
        // A client may send a timestamp where a date is written, and the other way round.
        if [1082, 1114, 1184].contains(column.typeOID) { types = value.count == 4 ? [1082] : [1184] }
        for type in types {
            if let text = BinaryCoding.text(value[...], typeOID: type), isCarried(by: text, to: column, place) {
                return true
            }
        }
        var inside = place
        inside.isWhole = PostgresTypes.isTextInBinary(column.typeOID)
        return isCarried(by: value, to: column, inside)
    }

    func message(_ column: Guarded) -> String {
        guard let classification = column.classification else {
            return "What is written to \(column.name) carries a masked value, which would replace what the mask hides."
        }
        return "What is written to \(column.name) carries a masked value (\(classification): \(column.mask.name)), "
            + "which would replace what the mask hides."
    }

    static let hint = "Leave the column out of the statement, or give its real value."
}

extension FrontendMessage.Bind {
    /// None given: text; one: it holds for all.
    func format(ofParameter index: Int) -> FormatCode {
        switch parameterFormats.count {
        case 0: .text
        case 1: parameterFormats[0]
        default: index < parameterFormats.count ? parameterFormats[index] : .binary
        }
    }
}
