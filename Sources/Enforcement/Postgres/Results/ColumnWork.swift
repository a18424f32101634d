import Policy
import PostgresWire
import WireBytes

/// What is done with every value of one column, as one number: a loop over millions of values decides it once, and meets no
/// reference, no existential and no look-up at a value.
enum ColumnWork: BitwiseCopyable, Equatable {
    /// The value is not looked into.
    case pass
    /// NULL takes its place.
    case null
    /// Always the same takes its place: that part of ``ColumnWorks/constants``, the length in front included.
    case constant(start: Int, count: Int)
    /// Text of which some characters are kept.
    case keep(first: UInt16, last: UInt16)
    /// Any other mask, or one that needs the value's text form first.
    case mask
    /// Detectors look at the bytes as they are; what they find is replaced within.
    case scanText
    /// Detectors look at the bytes as they are; what they find is replaced as the type wants it.
    case scanTyped
    /// Detectors look at the text form of a binary value.
    case scanBinary
}

/// The work of all columns of a result.
struct ColumnWorks {
    private(set) var works: [ColumnWork] = []
    /// What ``ColumnWork/constant(start:count:)`` means.
    private(set) var constants: [UInt8] = []
    /// By column; empty where nothing is scanned.
    private(set) var selections: [DetectorSelection] = []
    /// Nothing in any row needs a look.
    let passesRows: Bool

    init(_ columns: [ResultPlan.Column], scanner: DetectorScanner?) {
        passesRows = columns.allSatisfy { if case .pass = $0.treatment { true } else { false } }
        guard !passesRows else {
            works = Array(repeating: .pass, count: columns.count)
            return
        }
        for column in columns {
            switch column.treatment {
            case .pass: works.append(.pass)
            case .mask(let mask, _): works.append(work(of: mask, column))
            case .scan: works.append(scanner == nil ? .pass : ColumnWorks.scan(column))
            }
            // One that is not scanned has one too: an index must lead somewhere.
            if let scanner { selections.append(scanner.selection(for: column.name)) }
        }
    }

    func appendConstant(_ start: Int, _ count: Int, to output: inout [UInt8]) {
        output.append(constants.span, start..<start + count)
    }

    private mutating func work(of mask: Mask, _ column: ResultPlan.Column) -> ColumnWork {
        switch mask {
        case .null: return .null
        case .redact: return constant(mask, column)
        case .fixed:
            // A value that has no text form is redacted instead, which only looking tells.
            let isText = column.format == .text || PostgresTypes.isTextInBinary(column.typeOID)
            return isText ? constant(mask, column) : .mask
        case .keepFirst(let count): return isPlain(column) ? .keep(first: count, last: 0) : .mask
        case .keepLast(let count): return isPlain(column) ? .keep(first: 0, last: count) : .mask
        case .hash, .truncateDate: return .mask
        }
    }

    private func isPlain(_ column: ResultPlan.Column) -> Bool {
        column.kind == .text && !column.isUnderKey
            && (column.format == .text || PostgresTypes.isTextInBinary(column.typeOID))
    }

    /// A mask whose result is the same for every value of the column.
    private mutating func constant(_ mask: Mask, _ column: ResultPlan.Column) -> ColumnWork {
        var text: [UInt8] = []
        let nothing: [UInt8] = []
        guard case .text = mask.apply(to: nothing.span, kind: column.kind, key: nil, into: &text) else { return .null }
        if column.format == .binary {
            guard let binary = BinaryCoding.binary(text, typeOID: column.typeOID) else { return .null }
            text = binary
        }
        let start = constants.count
        constants.appendBigEndian(UInt32(truncatingIfNeeded: text.count))
        constants += text
        return .constant(start: start, count: text.count + 4)
    }

    private static func scan(_ column: ResultPlan.Column) -> ColumnWork {
        if column.format == .binary, !PostgresTypes.isTextInBinary(column.typeOID) { return .scanBinary }
        return column.kind == .text ? .scanText : .scanTyped
    }
}
