/// A line of an exported session (JSON Lines).
public enum ExportLine: Sendable {
    /// The first: what the session was, and the certificates (DER, base64) that its sidecar connected with.
    case session(SessionView, certificates: [String], collector: String, exported: Timestamp)
    /// A record, byte for byte (base64).
    case record(sequence: Int64, hash: String, bytes: String)
    /// The last: how many records there were.
    case end(records: Int64)

    var sequence: Int64? {
        guard case .record(let sequence, _, _) = self else { return nil }
        return sequence
    }
}

extension ExportLine: Codable {
    private enum Kind: String, Codable { case session, record, end }

    private enum Keys: String, CodingKey {
        case type, session, certificates, collector, exported, sequence, hash, bytes, records
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        switch try container.decode(Kind.self, forKey: .type) {
        case .session:
            self = .session(
                try container.decode(SessionView.self, forKey: .session),
                certificates: try container.decode([String].self, forKey: .certificates),
                collector: try container.decode(String.self, forKey: .collector),
                exported: try container.decode(Timestamp.self, forKey: .exported))
        case .record:
            self = .record(
                sequence: try container.decode(Int64.self, forKey: .sequence),
                hash: try container.decode(String.self, forKey: .hash),
                bytes: try container.decode(String.self, forKey: .bytes))
        case .end:
            self = .end(records: try container.decode(Int64.self, forKey: .records))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        switch self {
        case .session(let session, let certificates, let collector, let exported):
            try container.encode(Kind.session, forKey: .type)
            try container.encode(session, forKey: .session)
            try container.encode(certificates, forKey: .certificates)
            try container.encode(collector, forKey: .collector)
            try container.encode(exported, forKey: .exported)
        case .record(let sequence, let hash, let bytes):
            try container.encode(Kind.record, forKey: .type)
            try container.encode(sequence, forKey: .sequence)
            try container.encode(hash, forKey: .hash)
            try container.encode(bytes, forKey: .bytes)
        case .end(let records):
            try container.encode(Kind.end, forKey: .type)
            try container.encode(records, forKey: .records)
        }
    }
}
