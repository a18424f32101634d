/// What a value is, as far as masking it cares: every type of every database is one of these.
public indirect enum ValueKind: Hashable, Sendable {
    /// Any text that a client takes as it comes.
    case text
    /// A signed integer of 2, 4 or 8 bytes.
    case integer(bytes: Int)
    case decimal
    case float
    case boolean
    case date
    case time
    case timestamp
    /// A timestamp with an offset behind it.
    case timestampWithZone
    case interval
    case uuid
    case json
    /// PostgreSQL's binary JSON. Its text form is JSON.
    case jsonb
    /// Bytes; in text, PostgreSQL's hexadecimal form `\x…`.
    case bytes
    /// An address or network: inet, cidr, macaddr.
    case network
    case money
    /// A string of bits.
    case bit
    case xml
    /// In text, PostgreSQL's `{a,b}`.
    case array(of: ValueKind)
    /// One of a list of labels that is not known here.
    case enumeration
    /// Anything else: ranges, geometry, composites, search vectors. No masked value of it is known to be valid.
    case other
}
