import Policy
import Testing

/// So that `#expect` can change it.
private final class Kept {
    private var ledger = BudgetLedger()

    func take(rows: UInt64, of key: BudgetAccountKey, limit: UInt64, window: SlidingWindow, at now: Int64) -> UInt64 {
        ledger.take(rows: rows, of: key, limit: limit, window: window, at: now)
    }

    func giveBack(rows: UInt64, of key: BudgetAccountKey) { ledger.giveBack(rows: rows, of: key) }

    func admit(value: UInt64, of key: BudgetAccountKey, limit: UInt64, window: SlidingWindow, at now: Int64) -> Bool {
        ledger.admit(value: value, of: key, limit: limit, window: window, at: now) != .refused
    }

    func standing(of key: BudgetAccountKey, window: SlidingWindow, at now: Int64) -> BudgetLedger.Standing {
        ledger.standing(of: key, window: window, at: now)
    }
}

struct BudgetLedgerTests {
    private let key = BudgetAccountKey(high: 1, low: 2)
    private let window = SlidingWindow(seconds: 3_600)

    @Test("Rows are counted up to the limit, and again once the window has moved on")
    func rows() {
        let ledger = Kept()
        #expect(ledger.take(rows: 60, of: key, limit: 100, window: window, at: 10_000) == 60)
        #expect(ledger.take(rows: 60, of: key, limit: 100, window: window, at: 10_000) == 40)
        #expect(ledger.take(rows: 1, of: key, limit: 100, window: window, at: 13_600) == 0)
        #expect(ledger.standing(of: key, window: window, at: 13_600).rows == 100)
        let refill = ledger.standing(of: key, window: window, at: 13_600).refillsAt
        // Not before an hour, and a minute later at the most.
        #expect(refill.map { (13_600...13_680).contains($0) } == true)
        #expect(ledger.take(rows: 1, of: key, limit: 100, window: window, at: refill ?? 0) == 1)
    }

    @Test("What was not shown is given back")
    func givingBack() {
        let ledger = Kept()
        _ = ledger.take(rows: 100, of: key, limit: 100, window: window, at: 0)
        ledger.giveBack(rows: 30, of: key)
        #expect(ledger.take(rows: 100, of: key, limit: 100, window: window, at: 0) == 30)
        ledger.giveBack(rows: .max, of: key)
        #expect(ledger.standing(of: key, window: window, at: 0).rows == 0)
        ledger.giveBack(rows: 1, of: BudgetAccountKey(high: 9, low: 9))
    }

    @Test("A value counts once, however often it is shown, and its last showing keeps it")
    func values() {
        let ledger = Kept()
        func admit(_ value: UInt64, at now: Int64) -> Bool {
            ledger.admit(value: value, of: key, limit: 2, window: window, at: now)
        }
        #expect(admit(1, at: 0))
        #expect(admit(2, at: 0))
        #expect(!admit(3, at: 0))
        #expect(admit(1, at: 3_000))
        // The second is forgotten, the first is not.
        #expect(admit(3, at: 3_700))
        #expect(!admit(2, at: 3_700))
        #expect(admit(1, at: 3_700))
    }

    @Test("A clock that is set back forgets nothing")
    func clockSetBack() {
        let ledger = Kept()
        #expect(ledger.take(rows: 5, of: key, limit: 10, window: window, at: 100_000) == 5)
        #expect(ledger.take(rows: 9, of: key, limit: 10, window: window, at: 50_000) == 5)
        #expect(ledger.take(rows: 1, of: key, limit: 10, window: window, at: 100_000) == 0)
    }

    @Test("When there is no room, what is forgotten makes some, and else nothing is counted")
    func bounded() {
        let ledger = Kept()
        for number in 0..<BudgetLedger.maximumAccounts {
            let key = BudgetAccountKey(high: UInt64(number), low: 0)
            _ = ledger.take(rows: 1, of: key, limit: 10, window: window, at: 0)
        }
        let late = BudgetAccountKey(high: 7, low: 7)
        #expect(ledger.take(rows: 1, of: late, limit: 10, window: window, at: 60) == 0)
        #expect(!ledger.admit(value: 1, of: late, limit: 10, window: window, at: 60))
        #expect(ledger.take(rows: 1, of: late, limit: 10, window: window, at: 8_000) == 1)
    }

    @Test("What was kept is restored, in whatever order, and counts as it did")
    func restoring() {
        var ledger = BudgetLedger()
        for number in 0..<40 as Range<Int64> {
            _ = ledger.take(rows: 2, of: key, limit: 100, window: window, at: number * 90)
            _ = ledger.admit(value: UInt64(number), of: key, limit: 100, window: window, at: number * 90)
        }
        var other = BudgetLedger()
        for entry in (ledger.entries + ledger.entries).shuffled() { other.restore(entry) }
        #expect(Set(other.entries) == Set(ledger.entries))
        let now: Int64 = 39 * 90
        #expect(
            other.standing(of: key, window: window, at: now) == ledger.standing(of: key, window: window, at: now))
        #expect(other.standing(of: key, window: window, at: now).rows == 80)
        #expect(other.latestRows(of: key)?.bucket == now / 60)
    }

    /// Every showing with its moment, and no buckets.
    private struct Reference {
        var shown: [(at: Int64, rows: UInt64)] = []
        var values: [(at: Int64, value: UInt64)] = []
    }

    @Test("It never shows more within a window than a ledger without buckets would", arguments: 0..<16 as Range<UInt64>)
    func neverMore(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let seconds = [60, 90, 600, 86_400].randomElement(using: &random) ?? 60
        let window = SlidingWindow(seconds: UInt32(seconds))
        let limit = UInt64.random(in: 1...40, using: &random)
        let ledger = Kept()
        var reference = Reference()
        var now = Int64.random(in: 0...1_000_000, using: &random)
        for _ in 0..<2_000 {
            now += Int64.random(in: 0...Int64(max(1, seconds / 20)), using: &random)
            if Bool.random(using: &random) {
                let rows = UInt64.random(in: 0...12, using: &random)
                let taken = ledger.take(rows: rows, of: key, limit: limit, window: window, at: now)
                reference.shown.append((now, taken))
                #expect(taken <= rows)
                // Nothing is refused that a window with a bucket more would have room for.
                let longer = reference.shown.dropLast().filter {
                    $0.at > now - Int64(seconds) - 2 * window.bucketSeconds
                }
                .reduce(0) { $0 + $1.rows }
                #expect(taken >= min(rows, limit - min(limit, longer)))
            } else {
                let value = UInt64.random(in: 0...60, using: &random)
                if ledger.admit(value: value, of: key, limit: limit, window: window, at: now) {
                    reference.values.append((now, value))
                }
            }
            let rows = reference.shown.filter { $0.at > now - Int64(seconds) }.reduce(0) { $0 + $1.rows }
            let values = Set(reference.values.filter { $0.at > now - Int64(seconds) }.map(\.value))
            #expect(rows <= limit)
            #expect(UInt64(values.count) <= limit)
        }
    }

    @Test("The keyed hash is SipHash-2-4, by its authors' vectors")
    func sipHash() {
        let hash = KeyedHash(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        let vectors: [(Int, UInt64)] = [
            (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (7, 0xab02_00f5_8b01_d137),
            (8, 0x93f5_f579_9a93_2462), (15, 0xa129_ca61_49be_45e5), (63, 0x958a_324c_eb06_4572),
        ]
        for (count, expected) in vectors {
            let message = (0..<UInt8(count)).map { $0 }
            #expect(hash(message.span) == expected)
        }
    }

    @Test("Accounts differ by budget, window, issuer and subject, and not by groups")
    func keys() {
        let first = KeyedHash(1, 2)
        let second = KeyedHash(3, 4)
        func key(_ budget: String, _ window: UInt32, _ subject: Subject) -> BudgetAccountKey {
            BudgetAccountKey(Budget(name: budget, windowSeconds: window), of: subject, first, second)
        }
        let ann = Subject(id: "ann", issuer: "https://a.example", groups: ["a"])
        let all: Set<BudgetAccountKey> = [
            key("a", 60, ann), key("b", 60, ann), key("a", 61, ann),
            key("a", 60, Subject(id: "bob", issuer: ann.issuer)), key("a", 60, Subject(id: "ann", issuer: "other")),
        ]
        #expect(all.count == 5)
        #expect(all.contains(key("a", 60, Subject(id: "ann", issuer: ann.issuer, groups: ["b"]))))
    }
}
