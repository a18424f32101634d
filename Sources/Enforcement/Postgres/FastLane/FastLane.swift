import Policy
import PostgresWire
import Records

/// The way of a statement that this session has seen before, past the machine that takes one message after the other.
///
/// Nearly all that a program sends is a statement that it sent before, and nearly every answer to one comes in one piece. For those
/// the general machine would decode messages, look up names, keep queues and copy plans, only to find again what it found
/// the last time. The lane goes over the bytes of a request once and over those of its answer once, where they lie, and does what the
/// machine would have done.
///
/// What makes that safe:
/// - It takes a request only from a session at rest (``PostgresSession/isAtRest(at:)``): nothing is sent that has not been
///   answered, nothing waits, and nothing that names mean may have changed.
/// - It takes a statement only if the machine has judged it under the policy, search path and catalog of now (``FastLane/epoch``), and
///   policy allows it outright, with no budget (``JudgedStatement/isPlainRead``). Nothing is decided here.
/// - It decides whether it understands a request, or an answer, before anything of it has an effect. Whatever it does not understand
///   is the machine's: ``PostgresSession/leaveFastLane(into:)`` puts the machine into the state in which it would be, had it
///   taken the request itself. So every event from elsewhere, too, meets the machine and no half of a lane.
/// - Bytes and records are the same, which tests hold it to by sending the same traffic both ways.
struct FastLane: ~Copyable {
    /// What was asked, in which messages.
    struct Shape {
        /// A Query; else a pipeline of Bind, Execute and Sync.
        var isQuery: Bool
        /// It begins with a Parse of the unnamed statement.
        var hasParse = false
        /// The portal is described in it.
        var hasDescribe = false
    }

    /// A prepared statement, by the name that it had when ``NameMirror/changes`` was as many.
    struct Name {
        var name: WireName
        var changes: UInt64
        var mirror: StatementMirror
        var entry: FastEntry
    }

    /// Programs have few statements that they send all the time.
    static let capacity = 16
    /// A text that is kept for the time of its query gives its room back if it was longer.
    static let keptBytes = 2 << 10

    /// Off only in tests, which compare.
    var isOn = true
    /// What entries and names are good for.
    var epoch: JudgementEpoch?
    var policy = FastPolicy()
    private(set) var entries: [FastEntry] = []
    private(set) var names: [Name] = []
    private var oldestEntry = 0
    private var oldestName = 0

    // The request that waits for its answer.
    /// Whether there is one.
    var isPending = false
    var shape = Shape(isQuery: true)
    var entry: FastEntry?
    var mirror: StatementMirror?
    var number: UInt64 = 0
    var startedNanoseconds: UInt64 = 0
    /// Whether what its record needs has been made ready (``PostgresSession/prepareEvidence(into:)``).
    var isPrepared = true
    /// Of a Query that differs from the judged one in literals; else empty.
    var text: [UInt8] = []
    /// Whether ``text`` may stand in a record as it is.
    var isTextHarmless = true
    /// A pipeline with parameters that are to be recorded; else empty.
    var pipeline: [UInt8] = []
    /// For records: sensitive values masked.
    var parameters = RecordedParameters()
    /// Result formats, as Bind has them.
    var formats: [UInt8] = []

    init() {}

    /// What was judged is good no more; nothing of a policy that was replaced is held on to.
    mutating func forget() {
        epoch = nil
        policy = FastPolicy()
        entries = []
        names = []
        (oldestEntry, oldestName) = (0, 0)
        entry = nil
        mirror = nil
    }

    /// The request was answered, or is the machine's now.
    mutating func clear() {
        isPending = false
        isPrepared = true
        text.removeAll(keepingCapacity: text.capacity <= FastLane.keptBytes)
        pipeline.removeAll(keepingCapacity: pipeline.capacity <= FastLane.keptBytes)
        parameters.removeAll(keeping: FastLane.keptBytes)
    }

    mutating func keep(_ entry: FastEntry) {
        if entries.count < FastLane.capacity {
            entries.append(entry)
        } else {
            entries[oldestEntry] = entry
            oldestEntry = (oldestEntry + 1) % FastLane.capacity
        }
    }

    mutating func keep(_ name: Name) {
        if let known = names.firstIndex(where: { $0.name == name.name }) {
            names[known] = name
        } else if names.count < FastLane.capacity {
            names.append(name)
        } else {
            names[oldestName] = name
            oldestName = (oldestName + 1) % FastLane.capacity
        }
    }
}

/// What the lane wants to know of a policy, asked once.
struct FastPolicy {
    var recordsTexts = false
    var recordsParameters = false
    var keepsResponses = false
    var longestResponse = 0
    var scanner: DetectorScanner?
    /// For what is no column's value.
    var selection: DetectorSelection?

    init() {}

    init(_ policy: any SessionPolicy) {
        let recording = policy.recording
        recordsTexts = recording.statements != Recording.Content.none
        recordsParameters = recording.statements == .masked
        keepsResponses = recording.responses == .masked
        longestResponse = Int(clamping: recording.maxResponseBytes)
        scanner = policy.scanner
        selection = policy.scanner?.selection(for: [])
    }
}
