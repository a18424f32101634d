import HTTPInspection

/// Why a session over HTTP cannot go on. The client is told where it has not been told anything of the exchange yet.
struct HTTPFault: Error {
    var status: Int
    var message: String
    /// For the record of the session's end.
    var reason: String
    /// There is nobody to tell.
    var isSilent = false
    /// It is the exchange's record, too, where it has none.
    var isOfRequest = false

    init(status: Int, message: String, reason: String? = nil, isSilent: Bool = false, isOfRequest: Bool = false) {
        self.status = status
        self.message = message
        self.reason = reason ?? message
        self.isSilent = isSilent
        self.isOfRequest = isOfRequest
    }

    /// The client sent what is not HTTP as it is read here.
    static func ofClient(_ error: HTTPError) -> HTTPFault {
        HTTPFault(
            status: error.status, message: "The request cannot be taken: \(error.reason).",
            reason: "client protocol violation: \(error)", isOfRequest: true)
    }

    /// Something that the session itself wrote does not fit together: nothing that a client can mend.
    static func ofSession(_ error: HTTPError) -> HTTPFault {
        HTTPFault(
            status: 502, message: "What the service answered cannot be passed on.",
            reason: "a message that cannot be written: \(error)")
    }
}
