/// Why a login to the upstream did not succeed.
public struct UpstreamLoginError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable {
        enum Value: Hashable, Sendable {
            case refused, noPassword, cleartextOnOpenChannel, unsupportedMethod, protocolViolation, serverNotVerified
        }
        let value: Value

        /// The server said no; ``UpstreamLoginError/sqlstate`` says what it said.
        public static let refused = Code(value: .refused)
        /// The server asks for a password and there is none.
        public static let noPassword = Code(value: .noPassword)
        /// The server asks for the password in clear text on a connection that others can read.
        public static let cleartextOnOpenChannel = Code(value: .cleartextOnOpenChannel)
        /// Kerberos, GSSAPI, SSPI, or a SASL mechanism other than SCRAM-SHA-256.
        public static let unsupportedMethod = Code(value: .unsupportedMethod)
        /// A message that has no place in a login.
        public static let protocolViolation = Code(value: .protocolViolation)
        /// The server could not prove that it knows the password.
        public static let serverNotVerified = Code(value: .serverNotVerified)
    }

    public var code: Code
    /// For the operator. Never holds the password.
    public var message: String
    /// The server's SQLSTATE, with ``Code/refused``.
    public var sqlstate: String?

    public init(_ code: Code, _ message: String, sqlstate: String? = nil) {
        self.code = code
        self.message = message
        self.sqlstate = sqlstate
    }

    public var description: String { message }

    /// The server does not take the sidecar's own user name or password: class 28, invalid authorization specification.
    public var isOfCredentials: Bool { code == .refused && sqlstate?.hasPrefix("28") == true }
}
