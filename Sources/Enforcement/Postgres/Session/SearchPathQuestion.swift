import PostgresWire
import WireBytes

/// The session asks the server which schemas names are looked for in. It uses names of its own and the extended protocol,
/// so that the client's unnamed statement and portal stay as they are; the client sees none of it.
extension PostgresSession {
    private static let name = Array("stile_search_path".utf8)
    private static let text = Array(
        "SELECT s FROM pg_catalog.unnest(pg_catalog.current_schemas(true)) AS s".utf8)

    mutating func askSearchPath() {
        let endsWithSync = !segment.isOpen
        var messages: [FrontendMessage] = [
            .parse(name: PostgresSession.name, text: PostgresSession.text, types: []),
            .bind(.init(portal: PostgresSession.name, statement: PostgresSession.name)),
            .execute(portal: PostgresSession.name, maximum: 0),
            // A portal that is left open would be "prior transaction activity" to a COPY … FREEZE.
            .close(.portal, PostgresSession.name),
            .close(.statement, PostgresSession.name),
        ]
        messages.append(endsWithSync ? .sync : .flush)
        output.upstream.append(control: FrontendBytes(bytes: messages.flatMap(\.encoded)))
        exchanges.append(.searchPath(SearchPathExchange(endsWithSync: endsWithSync)))
        gate = .searchPath
    }

    /// A name of the client's that is one of the session's own.
    static func isReserved(_ name: WireName) -> Bool {
        name.starts(with: "stile_".utf8)
    }

    /// Takes the server's answers. Called with the head of the queue.
    mutating func takeSearchPathAnswer(
        _ exchange: SearchPathExchange, _ tag: BackendTag, _ body: ByteReader
    ) throws(SessionFault) {
        switch tag {
        case .parseComplete, .bindComplete, .commandComplete: break
        case .dataRow:
            let message = try SessionFault.ofServer { () throws(WireError) in
                try BackendMessage(tag: tag.rawValue, body: body)
            }
            guard case .dataRow(let values) = message, let value = values.first ?? nil else { break }
            exchange.schemas.append(String(decoding: value, as: UTF8.self))
        case .closeComplete:
            exchange.closed += 1
            guard exchange.closed == 2 else { break }
            settleSearchPath(exchange)
            if !exchange.endsWithSync {
                exchanges.popFirst()
                gate = .open
            }
        case .readyForQuery:
            exchanges.popFirst()
            if let failed = exchange.failed {
                throw SessionFault(
                    sqlState: "08006", message: "The database did not say where names are looked for.",
                    reason: "the search path cannot be asked: \(String(decoding: failed["C"] ?? [], as: UTF8.self))")
            }
            gate = .open
            if phase == .prologue { openSession() }
        default: throw SessionFault.unexpected("tag \(tag.rawValue) in answer to the session's own question")
        }
    }

    private mutating func settleSearchPath(_ exchange: SearchPathExchange) {
        resolution.isSearchPathStale = false
        if exchange.schemas != searchPath {
            searchPath = exchange.schemas
            resolution.searchPathEpoch += 1
        }
    }
}
