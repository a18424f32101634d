/// Words right before a value that say it is something else, whatever context words are near: `passport photos, order 123456789`.
enum ForeignWord {
    /// What numbers are of.
    private static let things: Set<String> = [
        "order", "orders", "invoice", "ticket", "version", "release", "build", "revision", "item", "sku", "batch",
        "lot", "gate",
        "flight", "tracking", "parcel", "shipment", "page", "line", "row", "port", "room", "suite", "chapter",
        "section",
        "issue", "commit", "qty", "quantity", "total", "amount", "price", "budget", "serial", "model", "booking",
        "receipt",
        "transaction", "reservation", "tour", "part", "bestellung", "rechnung", "commande", "facture", "pedido",
        "factura",
    ]
    /// What dates are of.
    private static let events: Set<String> = [
        "hired", "expires", "expiry", "exp", "issued", "updated", "created", "until", "since", "due", "dated",
        "released",
        "release", "joined", "admitted", "discharged", "seen", "visit", "visited", "appointment", "shipped", "paid",
        "ordered",
        "invoice", "order", "version", "build", "modified", "started", "ended", "signed", "died", "deceased",
    ]
    /// Words that may stand between.
    private static let links: Set<String> = ["no", "nr", "number", "num", "id", "on", "of", "in", "the", "is", "date"]
    /// The longest word that is looked at.
    private static let longest = 12
    /// Bytes between two words: `order no.: #123`.
    private static let gap = 3

    /// Whether such a word is before a number at `position`.
    static func isThing(_ text: Span<UInt8>, before position: Int) -> Bool { precedes(things, text, position) }

    /// Whether such a word is before a date at `position`.
    static func isEvent(_ text: Span<UInt8>, before position: Int) -> Bool { precedes(events, text, position) }

    private static func precedes(_ words: Set<String>, _ text: Span<UInt8>, _ position: Int) -> Bool {
        var position = position
        for _ in 0..<3 {
            guard let range = word(text, before: position) else { return false }
            var name: [UInt8] = []
            for index in range { name.append(text[index] | 0x20) }
            let found = String(decoding: name, as: UTF8.self)
            if words.contains(found) { return true }
            guard links.contains(found) else { return false }
            position = range.lowerBound
        }
        return false
    }

    private static func word(_ text: Span<UInt8>, before position: Int) -> Range<Int>? {
        var end = position
        while end > 0, position - end < gap, !text[end - 1].isAlphanumeric { end -= 1 }
        var start = end
        while start > 0, end - start <= longest, text[start - 1].isLetter { start -= 1 }
        guard start < end, end - start <= longest, !text.byte(start - 1).isDigit else { return nil }
        return start..<end
    }
}
