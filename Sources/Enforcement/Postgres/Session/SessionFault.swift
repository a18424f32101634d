import WireBytes

/// Why a session cannot go on. The client is told by a FATAL error.
struct SessionFault: Error {
    var sqlState: String
    var message: String
    var hint: String?
    /// For the record of the session's end.
    var reason: String
    /// There is nobody to tell: the client is gone, or speaks no protocol that an error could be written in.
    var isSilent = false

    init(sqlState: String, message: String, hint: String? = nil, reason: String? = nil, isSilent: Bool = false) {
        self.sqlState = sqlState
        self.message = message
        self.hint = hint
        self.reason = reason ?? message
        self.isSilent = isSilent
    }

    /// The client broke the protocol.
    static func ofClient<Value>(_ body: () throws(WireError) -> Value) throws(SessionFault) -> Value {
        do throws(WireError) {
            return try body()
        } catch {
            throw ofClient(error)
        }
    }

    static func ofClient(_ error: WireError) -> SessionFault {
        SessionFault(
            sqlState: "08P01", message: "The client sent a message that cannot be taken: \(error.reason).",
            reason: "client protocol violation: \(error)")
    }

    /// The server did, or said something that has no place where it came.
    static func ofServer<Value>(_ body: () throws(WireError) -> Value) throws(SessionFault) -> Value {
        do throws(WireError) {
            return try body()
        } catch {
            if error.code == .oversized {
                throw SessionFault(
                    sqlState: "54000",
                    message: "The database sent what is too long to be looked into: \(error.reason).",
                    hint: "Ask for large values in parts (substring), or leave out the columns that policy looks into.",
                    reason: "too long to be looked into: \(error.reason)")
            }
            throw SessionFault(
                sqlState: "08P01", message: "The database sent a message that cannot be taken.",
                reason: "server protocol violation: \(error)")
        }
    }

    static func unexpected(_ what: String) -> SessionFault {
        SessionFault(
            sqlState: "08P01", message: "The database sent a message that has no place here.",
            reason: "server protocol violation: \(what)")
    }
}
