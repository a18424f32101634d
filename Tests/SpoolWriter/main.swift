import Crypto
import Glibc
import Records
import Sidecar

// Appends sessions to a spool and says what it has appended, one line a record, for a test that kills it:
// spool-writer DIRECTORY SEED. The line is written after the append: what it names must be there after any death.

let spool = try Spool.open(
    SpoolConfiguration(
        directory: CommandLine.arguments[1], maximumBytes: 64 << 20, segmentBytes: 64 << 10, reserveBytes: 4 << 10),
    now: UnixTime.microseconds()
).spool
let signer = SessionSigner(p256: P256.Signing.PrivateKey())

func makeRecorder() throws -> SessionRecorder {
    let now = UnixTime.microseconds()
    var recorder = SessionRecorder(sessionID: RecordID(at: now), spool: spool, signer: signer)
    try recorder.record(.sessionOpened(PBSessionOpened()), id: RecordID(at: now), at: now)
    say(recorder, 0)
    return recorder
}

func say(_ recorder: SessionRecorder, _ sequence: UInt64) {
    // Without a buffer: what is buffered in a process that is killed was never said.
    let line = Array("\(recorder.sessionID) \(sequence)\n".utf8)
    guard write(STDOUT_FILENO, line, line.count) == line.count else { exit(1) }
}

var sequence: UInt64 = 0
var recorder = try makeRecorder()
while true {
    sequence += 1
    var event = PBStatementJudged()
    event.statement = sequence
    event.text = String(repeating: "select ", count: Int(sequence % 40))
    let now = UnixTime.microseconds()
    if sequence % 25 == 0 {
        try recorder.close(reason: "done", statements: sequence, rows: 0, id: RecordID(at: now), at: now)
        say(recorder, sequence)
        sequence = 0
        recorder = try makeRecorder()
    } else {
        try recorder.record(.statement(event), id: RecordID(at: now), at: now)
        say(recorder, sequence)
    }
}
