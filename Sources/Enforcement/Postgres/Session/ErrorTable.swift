/// What of an error or a notice may reach a client, by its SQLSTATE: PostgreSQL 15's list (src/backend/utils/errcodes.txt).
///
/// Texts of the server's quote values, names and pieces of statements. This table is for errors that a statement may have met
/// with sensitive values in its hands (``PostgresSession/cleaned(_:)`` says when that is). A line is a SQLSTATE, the
/// fields that pass even then (`M` message, `D` detail, `H` hint; `-` none), and what stands in the message's place when it
/// does not pass. Fields pass where every text that the server has for the SQLSTATE speaks of rights, resources,
/// transactions, or objects by names that the schema or the statement gives them, and never of a value.
///
/// A SQLSTATE that is not here, as code of a database's own may make, has a line of its class's (`22***`); where there is
/// none either, nothing passes.
enum ErrorTable {
    struct Entry: Sendable {
        /// Field codes.
        var passes: [UInt8]
        /// In the message's place.
        var text: String
    }

    /// - Returns: the SQLSTATE's own entry, else its class's, else that of what nobody knows.
    static func entry(_ sqlState: String) -> Entry {
        entries[sqlState] ?? entries[sqlState.prefix(2) + "***"] ?? unknown
    }

    /// Whether PostgreSQL gives the SQLSTATE itself. Others come from code of a database's own.
    static func isKnown(_ sqlState: String) -> Bool { entries[sqlState] != nil }

    private static let unknown = Entry(passes: [], text: "the statement failed")

    private static let entries: [String: Entry] = {
        var entries: [String: Entry] = [:]
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: true)
            guard words.count == 3 else { continue }
            entries[String(words[0])] = Entry(
                passes: words[1] == "-" ? [] : Array(words[1].utf8), text: String(words[2]))
        }
        return entries
    }()

    private static let table = """
        00000 - a notice
        01*** - a warning
        01000 - a warning
        0100C - fewer or more result sets than expected
        01008 - bits were padded with zeros
        01003 - nulls were left out of an aggregate
        01007 M a privilege was not granted
        01006 M a privilege was not revoked
        01004 - a text was cut off
        01P01 M a deprecated feature was used
        02*** - there are no data
        02000 - there are no data
        02001 - there are no more result sets
        03*** - the statement is not complete
        03000 - the statement is not complete
        08*** M the connection failed
        08000 M the connection failed
        08003 - the connection does not exist
        08006 M the connection failed
        08001 - a connection could not be made
        08004 M the connection was rejected
        08007 M how the transaction ended is not known
        08P01 M the protocol was violated
        09*** - a triggered action failed
        09000 - a triggered action failed
        0A*** - this is not supported
        0A000 - this is not supported
        0B*** M the transaction could not be started
        0B000 M the transaction could not be started
        0F*** - a locator is not valid
        0F000 - a locator is not valid
        0F001 - a locator is not valid
        0L*** M the grantor is not valid
        0L000 M the grantor is not valid
        0LP01 M the grant is not valid
        0P*** M the role is not valid
        0P000 - the role is not valid
        0Z*** - diagnostics failed
        0Z000 - diagnostics failed
        0Z002 - no error is being handled
        20*** - no case fits
        20000 - no case fits
        21*** M a query gave more rows or columns than are taken here
        21000 M a query gave more rows or columns than are taken here
        22*** - a value is not valid
        22000 - a value is not valid
        2202E - an array's subscript or shape is not valid
        22021 - a character is not valid in the encoding
        22008 - a date or time is out of range
        22012 M division by zero
        22005 - an assignment failed
        2200B - an escape character is in conflict
        22022 - an indicator overflowed
        22015 - an interval is out of range
        2201E M a logarithm was taken of what has none
        22014 M the argument of ntile must be greater than zero
        22016 M the argument of nth_value must be greater than zero
        2201F M a power was taken that does not exist
        2201G M the arguments of width_bucket are not valid
        22018 - a text is not valid for the type it was cast to
        22007 - a date or time is not valid
        22019 M an escape string must be one character
        2200D - an escape sequence is not valid
        22025 M an escape sequence is not valid
        22P06 - an escape was used that is not of the standard
        22010 - an indicator is not valid
        22023 - a parameter's value is not valid
        22013 M a frame's offset must not be negative
        2201B - a regular expression is not valid
        2201W M LIMIT must not be negative
        2201X M OFFSET must not be negative
        2202H - the argument of TABLESAMPLE is not valid
        2202G - the argument of REPEATABLE is not valid
        22009 - a time zone's displacement is not valid
        2200C - an escape character is not valid here
        2200G - types do not match
        22004 M a null value is not allowed here
        22002 - a null value has no indicator
        22003 - a number is out of its type's range
        2200H M a sequence has reached its end
        22026 - a string's length does not match its type
        22001 M a value is too long for its type
        22011 M a substring's length must not be negative
        22027 - a string could not be trimmed
        22024 - a string has no end
        2200F - a string is empty that must not be
        22P01 M a floating-point operation failed
        22P02 - a value is not valid for its type
        22P03 - a value's binary form is not valid for its type
        22P04 - the data of the COPY are not in the format that was asked for, or a row has too few or too many columns
        22P05 - a character has no equivalent in the encoding
        2200L - this is no XML document
        2200M - an XML document is not valid
        2200N - XML content is not valid
        2200S - an XML comment is not valid
        2200T - an XML processing instruction is not valid
        22030 - a key of a JSON object occurs twice
        22031 - the argument of a JSON path's datetime method is not valid
        22032 - a JSON text is not valid
        22033 - a JSON path's subscript is not valid
        22034 - a JSON path gave more than one item
        22035 - a JSON path gave no item
        22036 - a JSON item is not numeric
        22037 - a key of a JSON object occurs twice
        22038 - a JSON path must give a single item here
        22039 - a JSON path found no array
        2203A - a JSON path found no such member
        2203B - a JSON path found no number
        2203C - a JSON path found no object
        2203D - a JSON array has too many elements
        2203E - a JSON object has too many members
        2203F - a JSON path must give a scalar here
        2203G - a JSON item cannot be cast to the type
        23*** - a constraint is violated
        23000 - a constraint is violated
        23001 M a restrict constraint is violated
        23502 M a column that must have a value has none
        23503 M a foreign key constraint is violated
        23505 M a unique constraint is violated
        23514 M a check constraint is violated
        23P01 M an exclusion constraint is violated
        24*** - the cursor's state does not allow this
        24000 - the cursor's state does not allow this
        25*** MH the transaction's state does not allow this
        25000 MH the transaction's state does not allow this
        25001 MH a transaction is under way
        25002 MH a branch transaction is under way
        25008 MH a held cursor needs the same isolation level
        25003 MH the access mode does not fit the branch transaction
        25004 MH the isolation level does not fit the branch transaction
        25005 MH no transaction is under way for the branch transaction
        25006 MH the transaction is read-only
        25007 MH schema and data statements may not be mixed
        25P01 MH no transaction is under way
        25P02 MH the transaction has failed; commands are ignored until its end
        25P03 MH the transaction was idle for too long
        26*** - there is no such prepared statement
        26000 M there is no such prepared statement
        27*** M a row was changed by a trigger of the statement's own
        27000 M a row was changed by a trigger of the statement's own
        28*** M the identity is not valid
        28000 M the identity is not valid
        28P01 M the password is not valid
        2B*** - other objects depend on it
        2B000 MDH other objects depend on it
        2BP01 MDH other objects depend on it
        2D*** M the transaction cannot be ended here
        2D000 M the transaction cannot be ended here
        2F*** - a routine failed
        2F000 - a routine failed
        2F005 M a function ended without RETURN
        2F002 M a routine may not change data here
        2F003 - a routine may not run this statement
        2F004 M a routine may not read data here
        34*** - there is no such cursor
        34000 M there is no such cursor
        38*** - an external routine failed
        38000 - an external routine failed
        38001 - an external routine may not run SQL here
        38002 - an external routine may not change data here
        38003 - an external routine may not run this statement
        38004 - an external routine may not read data here
        39*** - an external routine was not called rightly
        39000 - an external routine was not called rightly
        39001 - a routine returned what is no SQLSTATE
        39004 - a routine got or gave a null value that is not allowed
        39P01 M a trigger's protocol was violated
        39P02 M a set-returning function's protocol was violated
        39P03 M an event trigger's protocol was violated
        3B*** - the savepoint is not valid
        3B000 - the savepoint is not valid
        3B001 M there is no such savepoint
        3D*** - there is no such database
        3D000 - there is no such database
        3F*** - there is no such schema
        3F000 - there is no such schema
        40*** MH the transaction was rolled back; it may be tried again
        40000 MH the transaction was rolled back
        40002 M the transaction was rolled back for a constraint
        40001 MH the transaction could not be serialized; it may be tried again
        40003 MH how the statement ended is not known
        40P01 MDH a deadlock was detected
        42*** - a name or expression is not valid
        42000 - a name or expression is not valid
        42601 - syntax error
        42501 MH permission is denied
        42846 - a value cannot be cast to the type
        42803 - an expression must be grouped or aggregated
        42P20 - a window is not valid
        42P19 - a recursion is not valid
        42830 - a foreign key is not valid
        42602 - a name is not valid
        42622 - a name is too long
        42939 - a name is reserved
        42804 - types do not match
        42P18 - a parameter's type cannot be told
        42P21 - collations do not match
        42P22 - a collation cannot be told
        42809 - an object is of the wrong kind
        428C9 MH a generated column takes no value
        42703 - there is no such column
        42883 - there is no such function or operator
        42P01 - there is no such relation
        42P02 - there is no such parameter
        42704 - there is no such object
        42701 - a column exists already or is named twice
        42P03 M the cursor exists already
        42P04 M the database exists already
        42723 M the function exists already
        42P05 M the prepared statement exists already
        42P06 M the schema exists already
        42P07 M the relation exists already
        42712 - a table's name is used twice
        42710 M the object exists already
        42702 - a column's name is ambiguous
        42725 - a function or operator is ambiguous
        42P08 - a parameter's type is ambiguous
        42P09 - an alias is ambiguous
        42P10 - a column reference is not valid
        42611 - a column's definition is not valid
        42P11 - a cursor's definition is not valid
        42P12 - a database's definition is not valid
        42P13 - a function's definition is not valid
        42P14 - a prepared statement's definition is not valid
        42P15 - a schema's definition is not valid
        42P16 - a table's definition is not valid
        42P17 - an object's definition is not valid
        44*** M a row does not meet the view's check option
        44000 M a row does not meet the view's check option
        53*** MH the server lacks resources
        53000 MH the server lacks resources
        53100 M the server's disk is full
        53200 MD the server is out of memory
        53300 MH there are too many connections
        53400 M a configured limit is exceeded
        54*** - a limit of the server's is exceeded
        54000 - a limit of the server's is exceeded
        54001 MH the statement is too complex
        54011 M there are too many columns
        54023 M there are too many arguments
        55*** - an object's state does not allow this
        55000 - an object's state does not allow this
        55006 MD an object is in use
        55P02 - the setting cannot be changed now
        55P03 M a lock is not available
        55P04 - a value of an enumeration is too new to be used
        57*** MH an operator intervened
        57000 MH an operator intervened
        57014 MH the statement was cancelled: by request, or since its time was up
        57P01 MH the server is being shut down, or ended the connection
        57P02 MH the server is being restarted
        57P03 MDH the server takes no connections now
        57P04 M the database was dropped
        57P05 MH the session was idle for too long
        58*** - the server's system failed
        58000 - the server's system failed
        58030 - the server could not read or write a file
        58P01 - there is no such file
        58P02 - the file exists already
        72*** M the snapshot is too old
        72000 M the snapshot is too old
        F0*** - a configuration file is not valid
        F0000 - a configuration file is not valid
        F0001 - a lock file exists
        HV*** - foreign data could not be read or written
        P0*** - code of the database's raised an error
        P0000 - code of the database's failed
        P0001 - code of the database's raised an error
        P0002 - code of the database's found no row
        P0003 - code of the database's found too many rows
        P0004 - an assertion of the database's failed
        XX*** - the server failed
        XX000 - the server failed
        XX001 - data are corrupted
        XX002 - an index is corrupted
        """
}
