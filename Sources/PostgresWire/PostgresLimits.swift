/// The greatest lengths that are taken, and why.
public enum PostgresLimits {
    /// PostgreSQL's own MAX_STARTUP_PACKET_LENGTH.
    public static let startup = 10_000
    /// A token is a few kilobytes; PostgreSQL's own PG_MAX_AUTH_TOKEN_LENGTH.
    public static let password = 65_535
    /// A statement's text is read whole before it is judged; generated statements stay far below 16 MiB.
    public static let statement = 16 << 20
    /// Parameters and COPY data are kept whole while they are looked at: room for a large document, not for a disk.
    public static let data = 64 << 20
    /// Every other frontend message is names and numbers.
    public static let control = 64 << 10
    /// A row is kept whole when something in it must be looked at, and so is what masks make of it. One that passes
    /// untouched is streamed instead and may be as long as the protocol can say.
    public static let row = 64 << 20
    /// Errors, descriptions and notifications: 1,664 columns with names of 63 bytes are 134 KB; an error may quote a
    /// statement.
    public static let response = 32 << 20
    /// Parameters of a Bind: the count is 16 bits wide.
    public static let parameters = 65_535
    /// Columns of a row: MaxTupleAttributeNumber is 1,664; the count is 16 bits wide, signed.
    public static let columns = 32_767
    /// The length field counts itself and is a signed 32-bit integer.
    public static let protocolMaximum = Int(Int32.max)

    /// The greatest body of a frontend message.
    public static func frontend(_ tag: FrontendTag) -> Int {
        switch tag {
        case .query, .parse: statement
        case .bind, .copyData, .functionCall: data
        case .password: password
        default: control
        }
    }

    /// The greatest body of a backend message that is kept whole.
    public static func backend(_ tag: BackendTag) -> Int {
        switch tag {
        case .dataRow, .copyData: row
        default: response
        }
    }
}
