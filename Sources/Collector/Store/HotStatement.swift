import GRDB
import GRDBSQLite
import Records

/// A statement that runs for each record.
///
/// It is looked up once a transaction, and its arguments are bound as what they are: GRDB's own way boxes each of them, which for
/// a record's row costs as much as the row.
struct HotStatement {
    private let statement: Statement

    init(_ db: Database, _ sql: String) throws {
        statement = try db.cachedStatement(sql: sql)
    }

    /// Executes it.
    ///
    /// - Parameter bind: Binds its arguments, from 1 on; those that are left out are NULL.
    func run(_ bind: (Arguments) -> Void) throws {
        _ = try hasRow(bind)
    }

    /// Executes it as far as its first row, and says whether there is one.
    func hasRow(_ bind: (Arguments) -> Void) throws -> Bool {
        let handle = statement.sqliteStatement
        sqlite3_clear_bindings(handle)
        bind(Arguments(handle: handle))
        let code = sqlite3_step(handle)
        // Extended codes of failures are greater than those of success.
        let isDone = code == SQLITE_ROW || code == SQLITE_DONE
        let message = isDone ? nil : String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
        sqlite3_reset(handle)
        guard isDone else {
            // Without the arguments, which are evidence.
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: statement.sql)
        }
        return code == SQLITE_ROW
    }

    /// Where arguments go. A failure to bind, which is a lack of memory or a value above SQLite's limit of a billion bytes,
    /// leaves a NULL that the columns of evidence refuse.
    struct Arguments {
        fileprivate let handle: OpaquePointer

        // The bytes are copied: SQLite's SQLITE_TRANSIENT, a macro that is a cast.
        private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

        func bind(_ index: Int32, _ value: Int64?) {
            if let value { sqlite3_bind_int64(handle, index, value) }
        }

        func bind(_ index: Int32, _ value: String?) {
            guard var value else { return }
            value.withUTF8 { bytes in
                guard let start = bytes.baseAddress, !bytes.isEmpty else {
                    sqlite3_bind_text(handle, index, "", 0, Self.copied)
                    return
                }
                start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    _ = sqlite3_bind_text(handle, index, $0, Int32(clamping: bytes.count), Self.copied)
                }
            }
        }

        func bind(_ index: Int32, blob value: [UInt8]) {
            value.withUnsafeBytes {
                _ =
                    $0.isEmpty
                    ? sqlite3_bind_zeroblob(handle, index, 0)
                    : sqlite3_bind_blob(handle, index, $0.baseAddress, Int32(clamping: $0.count), Self.copied)
            }
        }
    }
}

/// The statements that a transaction needs for each record.
struct HotStatements {
    let record: HotStatement
    let carriedID: HotStatement
    let value: HotStatement
    let text: HotStatement
    let follower: HotStatement

    init(_ db: Database) throws {
        record = try HotStatement(
            db,
            """
            INSERT INTO records (ordinal, session, sequence, id, hash, raw, received_us, time_us, kind, statement,
                verdict, values_back, text_back, carried)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        carriedID = try HotStatement(db, "SELECT 1 FROM records WHERE id = ? AND carried IS NOT NULL LIMIT 1")
        value = try HotStatement(db, "INSERT INTO record_values (dimension, value, ordinal) VALUES (?, ?, ?)")
        text = try HotStatement(db, "INSERT INTO record_search (rowid, text, parameters) VALUES (?, ?, ?)")
        // A record that stands for another in both ways may be noted twice.
        follower = try HotStatement(db, "INSERT OR IGNORE INTO alike (leader, block) VALUES (?, ?)")
    }
}
