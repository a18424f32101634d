/// A fault of the collector, in one line that names the place and the mend.
public struct CollectorError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is: it decides the exit code of a program and the status of a response.
    public struct Code: Sendable, Hashable {
        enum Value: Hashable { case configuration, missingFile, certificate, address, store, unavailable, permission }
        let value: Value

        /// A setting that does not make sense.
        public static let configuration = Code(value: .configuration)
        /// A file that is not there or cannot be read.
        public static let missingFile = Code(value: .missingFile)
        /// A certificate or key that is expired, not yet valid, malformed or of another pair.
        public static let certificate = Code(value: .certificate)
        /// An address that cannot be listened on.
        public static let address = Code(value: .address)
        /// The database cannot be opened, read or written.
        public static let store = Code(value: .store)
        /// Something needed is not there for now.
        public static let unavailable = Code(value: .unavailable)
        /// The operating system refuses.
        public static let permission = Code(value: .permission)
    }

    public var code: Code
    /// For a person: the value, the place, the mend.
    public var message: String
    /// What lies beneath, if anything.
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// The exit status for a program that cannot start because of it (sysexits.h).
    public var exitCode: Int32 {
        switch code.value {
        case .configuration, .certificate: 78  // EX_CONFIG
        case .missingFile: 66  // EX_NOINPUT
        case .address: 69  // EX_UNAVAILABLE
        case .store: 74  // EX_IOERR
        case .unavailable: 69  // EX_UNAVAILABLE
        case .permission: 77  // EX_NOPERM
        }
    }

    public var description: String {
        guard let cause else { return message }
        return "\(message) (\(cause))"
    }
}
