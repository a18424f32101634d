import PostgresWire
import Records

extension PostgresSession {
    /// Gives the request that waits for its answer to the machine, as if that had taken it.
    mutating func leaveFastLane(into output: inout SessionOutput) {
        guard lane.isPending, let entry = lane.entry else { return }
        prepareEvidence(into: &output)
        let run = StatementRun(
            number: lane.number, judged: entry.judged, text: lane.text.isEmpty ? nil : lane.text,
            parameters: lane.parameters, startedNanoseconds: lane.startedNanoseconds)
        if lane.shape.isQuery {
            exchanges.append(.query(QueryExchange(runs: [run])))
        } else if let mirror = lane.mirror {
            if lane.shape.hasParse {
                statements.expect(mirror, for: [])
                exchanges.append(.parse(name: [], mirror))
            }
            let portal = fastPortal(entry, mirror)
            portals.expect(portal, for: [])
            exchanges.append(.bind(name: [], portal))
            if lane.shape.hasDescribe { exchanges.append(.describePortal(portal, visible: true)) }
            exchanges.append(.execute(ExecuteExchange(portal: portal, run: run)))
            exchanges.append(.sync)
            segment.isOpen = true
        }
        segment.hasExecuted = true
        gate = .readyForQuery
        lane.clear()
    }

    /// The unnamed portal that the request makes.
    func fastPortal(_ entry: FastEntry, _ mirror: StatementMirror) -> PortalMirror {
        let portal = PortalMirror(
            statement: mirror, judged: entry.judged, epoch: mirror.epoch, resultFormats: fastFormats,
            recordedParameters: lane.parameters)
        if mirror.isDescribed { portal.fields = mirror.fields }
        portal.describeSent = mirror.isDescribed || lane.shape.hasDescribe
        return portal
    }

    /// The result formats of the Bind.
    var fastFormats: [FormatCode] {
        lane.formats.dropFirst(2).enumerated().compactMap { index, code in
            index % 2 == 1 ? FormatCode(rawValue: Int16(code)) : nil
        }
    }
}
