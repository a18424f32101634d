import GRDB

/// Finds records by what is indexed once for many (see ``AlikeRecords``), in the order of their ordinals and no further than
/// the page that is asked for: window by window, and in each the blocks that have a follower of a leader that matches.
///
/// The indexes only say where to look; each record of such a block is checked.
struct RecordSearch {
    /// A value that a record must have.
    struct Value {
        var dimension: RecordFacts.Dimension
        var value: String
    }

    let db: Database
    let values: [Value]
    let order: PageOrder
    private var texts: TextMatches?
    /// Leaders that were not looked at yet lie from here on, in the order.
    private var bound: Int64
    private let cursor: Int64?

    /// - Parameters:
    ///   - values: Of these and of `text`, there is one at least.
    ///   - cursor: Nothing up to this, in the order.
    init(_ db: Database, values: [Value], text: String?, order: PageOrder, cursor: Int64?) throws {
        self.db = db
        self.order = order
        self.cursor = cursor
        self.values = try Self.rarestFirst(db, values)
        switch order {
        case .newest: bound = cursor.map { $0 == .min ? .min : $0 - 1 } ?? .max
        // What comes after the cursor may have its leader before it, in the same window.
        case .oldest: bound = cursor.map { $0 == .max ? .max : AlikeRecords.window(of: $0 + 1).lowerBound } ?? 0
        }
        texts = try text.map { try TextMatches(db, $0, order: order, from: bound) }
    }

    /// The next ordinals to look at, in ascending ranges that are given in the order, and what text must match there.
    mutating func next() throws -> Candidates? {
        while let window = try nextWindow() {
            let isNewest = order == .newest
            guard window.lowerBound > .min, window.upperBound < .max else { return nil }
            bound = isNewest ? window.lowerBound - 1 : window.upperBound + 1
            let found = try texts?.take(in: window)
            var blocks: Set<Int64>?
            if !values.isEmpty { blocks = try valueBlocks(in: window) }
            if let found {
                let textBlocks = try self.textBlocks(found)
                blocks = blocks.map { $0.intersection(textBlocks) } ?? textBlocks
            }
            let ranges = ranges(of: blocks ?? [])
            if !ranges.isEmpty { return Candidates(ranges: ranges, texts: found) }
        }
        return nil
    }

    struct Candidates {
        var ranges: [ClosedRange<Int64>]
        /// `nil` where no text was asked for.
        var texts: TextMatches.Found?
    }

    // MARK: Windows

    /// The next window in which each condition has a leader.
    private mutating func nextWindow() throws -> ClosedRange<Int64>? {
        while true {
            var nearest: ClosedRange<Int64>?
            if !values.isEmpty {
                guard let leader = try nextLeader() else { return nil }
                nearest = AlikeRecords.window(of: leader)
            }
            guard texts != nil else { return nearest }
            guard let match = try texts?.peek(from: nearest.map { order == .newest ? $0.upperBound : $0.lowerBound })
            else { return nil }
            let window = AlikeRecords.window(of: match)
            guard let nearest, nearest != window else { return window }
            bound = order == .newest ? window.upperBound : window.lowerBound
        }
    }

    private func nextLeader() throws -> Int64? {
        let isNewest = order == .newest
        let select = try db.cachedStatement(
            sql: """
                SELECT v0.ordinal FROM \(joinedValues) AND v0.ordinal \(isNewest ? "<=" : ">=") ?
                ORDER BY v0.ordinal \(isNewest ? "DESC" : "ASC") LIMIT 1
                """)
        return try Int64.fetchOne(select, arguments: valueArguments + [bound])
    }

    // MARK: Blocks

    private func valueBlocks(in window: ClosedRange<Int64>) throws -> Set<Int64> {
        let leaders = "SELECT v0.ordinal FROM \(joinedValues) AND v0.ordinal BETWEEN ? AND ?"
        let select = try db.cachedStatement(
            sql: """
                WITH leaders (ordinal) AS MATERIALIZED (\(leaders))
                SELECT ordinal >> \(AlikeRecords.blockBits) FROM leaders
                UNION SELECT block FROM leaders CROSS JOIN alike ON alike.leader = leaders.ordinal
                """)
        return try Int64.fetchSet(select, arguments: valueArguments + [window.lowerBound, window.upperBound])
    }

    private func textBlocks(_ found: TextMatches.Found) throws -> Set<Int64> {
        var blocks = Set(found.records.map(AlikeRecords.block))
        let select = try db.cachedStatement(sql: "SELECT block FROM alike WHERE leader = ?")
        for leader in found.leaders {
            blocks.insert(AlikeRecords.block(of: leader))
            let rows = try Int64.fetchCursor(select, arguments: [leader])
            while let block = try rows.next() { blocks.insert(block) }
        }
        return blocks
    }

    /// Blocks beside each other in one, cut at the cursor.
    private func ranges(of blocks: Set<Int64>) -> [ClosedRange<Int64>] {
        var ranges: [ClosedRange<Int64>] = []
        for block in blocks.sorted() {
            var first = block << AlikeRecords.blockBits
            var last = first | (1 << AlikeRecords.blockBits - 1)
            if let cursor {
                if order == .newest { last = min(last, cursor - 1) } else { first = max(first, cursor + 1) }
            }
            guard first <= last else { continue }
            if let before = ranges.last, before.upperBound + 1 == first {
                ranges[ranges.count - 1] = before.lowerBound...last
            } else {
                ranges.append(first...last)
            }
        }
        return order == .newest ? ranges.reversed() : ranges
    }

    // MARK: Values

    /// The leaders that have all values, from the table of the rarest on.
    private var joinedValues: String {
        let tables = values.indices.map { "record_values v\($0)" }.joined(separator: " CROSS JOIN ")
        let conditions = values.indices.map { index in
            (index == 0 ? "" : "v\(index).ordinal = v0.ordinal AND ")
                + "v\(index).dimension = ? AND v\(index).value = ?"
        }
        return tables + " WHERE " + conditions.joined(separator: " AND ")
    }

    private var valueArguments: StatementArguments {
        StatementArguments(values.flatMap { [$0.dimension.rawValue, $0.value] })
    }

    private static func rarestFirst(_ db: Database, _ values: [Value]) throws -> [Value] {
        guard values.count > 1 else { return values }
        return try values.map { (value: $0, count: try count(db, $0)) }.sorted { $0.count < $1.count }.map(\.value)
    }

    /// How many leaders have a value; no more than ``countedAtMost``.
    static func count(_ db: Database, _ value: Value) throws -> Int {
        let select = try db.cachedStatement(
            sql: """
                SELECT count(*) FROM
                    (SELECT 1 FROM record_values WHERE dimension = ? AND value = ? LIMIT \(countedAtMost))
                """)
        return try Int.fetchOne(select, arguments: [value.dimension.rawValue, value.value]) ?? 0
    }

    /// What is more is common.
    static let countedAtMost = 5_000
}

/// What full text finds, as it comes from the index in the order of the ordinals.
struct TextMatches {
    /// Of one window.
    struct Found {
        /// Whose statement or message matches: so does that of their followers.
        var leaders: Set<Int64> = []
        /// Whose own parameters match, or which were stored before records had leaders.
        var records: Set<Int64> = []

        func contains(_ ordinal: Int64, back: Int64?) -> Bool {
            leaders.contains(ordinal - (back ?? 0)) || records.contains(ordinal)
        }
    }

    private struct Source {
        let rows: DatabaseCursor
        let leads: Bool
        var next: Int64?
    }

    private typealias DatabaseCursor = FastDatabaseValueCursor<Int64>

    private var sources: [Source]
    private let order: PageOrder

    init(_ db: Database, _ text: String, order: PageOrder, from bound: Int64) throws {
        self.order = order
        let phrase = Self.phrase(text)
        let isNewest = order == .newest
        sources = try Self.indexes.map { index in
            let select = try db.makeStatement(
                sql: """
                    SELECT rowid FROM \(index.table)
                    WHERE \(index.table) MATCH ? AND rowid \(isNewest ? "<=" : ">=") ?
                    ORDER BY rowid \(isNewest ? "DESC" : "ASC")
                    """)
            let rows = try Int64.fetchCursor(select, arguments: [index.filter + phrase, bound])
            return Source(rows: rows, leads: index.leads, next: try rows.next())
        }
    }

    /// The first that was not taken, from an ordinal on.
    mutating func peek(from bound: Int64?) throws -> Int64? {
        for index in sources.indices {
            while let bound, let next = sources[index].next, order == .newest ? next > bound : next < bound {
                sources[index].next = try sources[index].rows.next()
            }
        }
        let all = sources.compactMap(\.next)
        return order == .newest ? all.max() : all.min()
    }

    /// Takes what lies in a window, which comes next.
    mutating func take(in window: ClosedRange<Int64>) throws -> Found {
        var found = Found()
        for index in sources.indices {
            while let next = sources[index].next, window.contains(next) {
                if sources[index].leads { found.leaders.insert(next) } else { found.records.insert(next) }
                sources[index].next = try sources[index].rows.next()
            }
        }
        return found
    }

    /// Where text is found, and whether a match there stands for the record's followers.
    static let indexes: [(table: String, filter: String, leads: Bool)] = [
        ("record_search", "{text} : ", true), ("record_search", "{parameters} : ", false), ("record_text", "", false),
    ]

    /// A phrase for the trigram index; quotes in it are doubled, so nothing in it is an operator.
    static func phrase(_ text: String) -> String {
        "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
