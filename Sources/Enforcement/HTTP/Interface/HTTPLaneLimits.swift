/// How much of an exchange a session holds, and why so much.
enum HTTPLaneLimits {
    /// Bytes of a request's body that are held back to be judged whole: of one that waits for an approval, which is for all of it,
    /// and of one that is looked into, so that a finding leaves the upstream without a request. Longer ones are refused where they must
    /// be held, and looked into as they go where not.
    static let heldBody = 1 << 20
    /// Bytes of a refused request's body that are read and dropped so that the connection can go on: less than a new connection costs.
    static let droppedBody = 64 << 10
    /// A body that says that it is this short is taken whole, so that its record can show its beginning.
    static let shortBody = 64 << 10
    /// Bytes of the client's that may wait while an exchange is under way; those of the next request, or of a body that cannot go on
    /// yet. Beyond that nothing is read from the client.
    static let waiting = 64 << 10
    /// Bytes of a body that a record shows.
    static let recordedBody = 1_024
    /// Bytes of a target or of a client's name that a record shows.
    static let recordedText = 16 << 10
    /// Of a traceparent: version, ids and flags (Trace Context §3.2) are 55 bytes; later versions may add some.
    static let traceparent = 256
    /// Seconds that an upstream may say nothing while an answer is under way, or a client take nothing of one: what models and reports
    /// take, and no connection that nobody ends. A stream of events, which is silent for as long as nothing happens, is bounded by its token.
    static let silence: UInt32 = 600
}
