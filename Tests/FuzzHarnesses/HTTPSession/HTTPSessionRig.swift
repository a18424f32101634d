import Enforcement
import HTTPInspection
import Policy
import Records

/// Both sides of an `HTTPSession`, and whoever performs what it wants done. What must hold is looked at by those that inherit from it.
class HTTPSessionRig {
    var refusesRecords = false
    private var session: HTTPSession
    private var output = HTTPOutput()
    private var now = SessionInstant(unixMicroseconds: 1_800_000_000_000_000, uptimeNanoseconds: 1_000_000_000)
    private var hasRefused = false
    private var opened = 0
    private var closed = 0
    private var beganOtherwise = false

    /// - Parameter upstream: Whom the session's client reaches; a forward proxy says `egress`.
    init(_ policy: BundlePolicy, _ resource: Resource, upstream: HTTPHost) {
        session = HTTPSession(
            configuration: HTTPSessionConfiguration(
                resource: resource, upstream: HTTPAuthority(host: upstream, port: nil), agent: AgentDescription()),
            services: HTTPSessionServices(
                makeRecordID: {
                    RecordID(high: 0x0192_0000_0000_7000, low: UInt64(truncatingIfNeeded: $0.unixMicroseconds))
                },
                takeGrant: { _ in .none }, credential: { .anonymous }),
            policy: policy, at: now)
    }

    // MARK: What those that inherit from it look at

    /// What goes to the client, and to whom it talks.
    func wrote(toClient: [UInt8], toUpstream: [UInt8]) throws(Violation) {}
    func kept(_ event: PBRecord.OneOf_Event) {}
    func perform(_ action: HTTPAction) throws(Violation) {}

    // MARK: What happens

    final var isClosed: Bool { session.isClosed }

    /// - Parameter pieces: In pieces of so many bytes; 0 for all at once.
    final func fromClient(_ bytes: [UInt8], pieces: Int = 0) throws(Violation) {
        for piece in HTTPSessionRig.pieces(bytes, pieces) {
            session.receiveFromClient(piece.span, at: now, into: &output)
            try perform()
        }
    }

    final func fromUpstream(_ bytes: [UInt8], pieces: Int = 0) throws(Violation) {
        for piece in HTTPSessionRig.pieces(bytes, pieces) {
            session.receiveFromUpstream(piece.span, at: now, into: &output)
            try perform()
        }
    }

    /// Some time later.
    final func feed(_ event: HTTPEvent) throws(Violation) {
        now.uptimeNanoseconds += 7_000_000_000
        now.unixMicroseconds += 7_000_000
        session.handle(event, at: now, into: &output)
        try perform()
    }

    /// An action's own outcome: what it leads to is performed behind the action.
    final func answer(_ event: HTTPEvent) {
        session.handle(event, at: now, into: &output)
    }

    final func identify() {
        answer(
            .identified(
                SessionIdentity(
                    subject: Subject(id: "ann", issuer: "https://id.example", groups: ["support"]),
                    expiresAtUnixSeconds: 1_800_000_600)))
    }

    /// Takes steps for as long as the input has any, and ends.
    final func drive(
        _ input: [UInt8], _ step: (inout FuzzInput) throws(Violation) -> Void
    ) throws(Violation) {
        var input = FuzzInput(input)
        var steps = 0
        while !input.isAtEnd, steps < 400, !isClosed {
            try step(&input)
            steps += 1
        }
        try finish()
    }

    /// The client leaves; what is recorded must be a session's.
    private func finish() throws(Violation) {
        if !isClosed { try feed(.clientClosed) }
        try Violation.unless(isClosed, "a session goes on without its client")
        try Violation.unless(opened <= 1, "a session is opened twice")
        // Where the opening found no room, the sink keeps no close.
        guard !hasRefused, opened + closed > 0 else { return }
        try Violation.unless(!beganOtherwise, "a session does not begin with its opening")
        try Violation.unless(closed == 1, "a session is not closed once")
    }

    private static func pieces(_ bytes: [UInt8], _ size: Int) -> [[UInt8]] {
        guard size > 0, !bytes.isEmpty else { return bytes.isEmpty ? [] : [bytes] }
        return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    private func perform() throws(Violation) {
        while !output.isEmpty {
            keepRecords()
            try wrote(toClient: output.client, toUpstream: output.upstream.bytes)
            output.clearBytes()
            for action in output.takeActions() { try perform(action) }
        }
    }

    private func keepRecords() {
        if refusesRecords, !output.records.isEmpty, session.mustRecord {
            hasRefused = true
            if isClosed {
                output.withholdBytes()
            } else {
                output.withhold()
                answer(.recordRefused(reason: "full"))
            }
        }
        for record in output.records {
            guard case .message(let event) = record.event else { continue }
            if opened == 0, case .sessionOpened = event {} else if opened == 0 { beganOtherwise = true }
            switch event {
            case .sessionOpened: opened += 1
            case .sessionClosed: closed += 1
            default: break
            }
            kept(event)
        }
        output.clearRecords()
    }
}
