/// All plain texts of one ``PlainText/key``, found out in one look at a text, without making its key.
///
/// What stands between the literals of a plain text is told by the same rules wherever a literal ends, because a literal's last
/// byte is a digit or a quote whatever its value is: so a text that has the same bytes there, and literals of the same kinds in
/// the same places, is plain, and has the key.
public final class PlainTemplate: Sendable {
    private struct Slot: BitwiseCopyable {
        /// Where its placeholder stands in the key.
        var place: Int
        var isString: Bool
        /// Its place among the bytes of fixed literals; -1: it may be any.
        var fixedStart = -1
        var fixedCount = 0
    }

    private let key: [UInt8]
    private let slots: [Slot]
    /// The literals that must be as they are, one behind the other.
    private let fixed: [UInt8]

    /// - Parameters:
    ///   - text: A plain text.
    ///   - fixed: Which of its literals must be as they are here, by their place among the literals.
    /// - Returns: `nil` when the text is not plain.
    public init?(_ text: Span<UInt8>, fixed: Set<Int>) {
        var plain = PlainText()
        guard plain.read(text) else { return nil }
        let places = plain.key.indices.filter { PlainText.isPlaceholder(plain.key[$0]) }
        guard places.count == plain.literals.count else { return nil }
        var slots: [Slot] = []
        var bytes: [UInt8] = []
        for (index, literal) in plain.literals.enumerated() {
            var slot = Slot(place: places[index], isString: plain.key[places[index]] == PlainText.stringMark)
            if fixed.contains(index) {
                slot.fixedStart = bytes.count
                slot.fixedCount = literal.count
                for place in literal { bytes.append(text[place]) }
            }
            slots.append(slot)
        }
        key = plain.key
        self.slots = slots
        self.fixed = bytes
    }

    /// Whether a text is plain, has the key, and the literals that are fixed.
    public func matches(_ text: Span<UInt8>) -> Bool {
        guard text.count <= PlainText.longest else { return false }
        var place = 0
        var index = 0
        for number in 0..<slots.count {
            let slot = slots[number]
            let length = slot.place - place
            guard PlainTemplate.agree(key, place, text, index, length) else { return false }
            index += length
            place += length + 1
            guard index < text.count else { return false }
            let previous = index > 0 ? text[index - 1] : UInt8(ascii: " ")
            let end =
                slot.isString
                ? PlainText.stringEnd(text, from: index, after: previous)
                : PlainText.integerEnd(text, from: index, after: previous)
            guard let end else { return false }
            if slot.fixedStart >= 0 {
                guard end - index == slot.fixedCount,
                    PlainTemplate.agree(fixed, slot.fixedStart, text, index, slot.fixedCount)
                else { return false }
            }
            index = end
        }
        let rest = text.count - index
        return rest == key.count - place && PlainTemplate.agree(key, place, text, index, rest)
    }

    /// Whether so many bytes are the same in both, and there.
    @inline(__always)
    private static func agree(
        _ left: [UInt8], _ leftStart: Int, _ right: Span<UInt8>, _ rightStart: Int, _ count: Int
    ) -> Bool {
        guard count <= left.count - leftStart, count <= right.count - rightStart else { return false }
        for offset in 0..<count where left[leftStart + offset] != right[rightStart + offset] { return false }
        return true
    }
}
