/// Why a sidecar cannot start or go on: one line that names the place and the mend.
public struct SidecarError: Error, Sendable, CustomStringConvertible {
    /// What kind of fault it is; decides the exit code (sysexits.h).
    public struct Code: Hashable, Sendable {
        enum Value: Hashable, Sendable { case usage, noInput, unavailable, software, io, temporary, permission, config }
        let value: Value

        /// A command line that makes no sense.
        public static let usage = Code(value: .usage)
        /// A file that should be there is not, or cannot be read.
        public static let noInput = Code(value: .noInput)
        /// A port in use, a collector that cannot be reached and must be.
        public static let unavailable = Code(value: .unavailable)
        /// A fault of the program's own.
        public static let software = Code(value: .software)
        /// The spool's disk.
        public static let io = Code(value: .io)
        /// A policy or a setting that says something impossible.
        public static let config = Code(value: .config)
        /// An address or a file that this user may not use.
        public static let permission = Code(value: .permission)

        /// The exit code of sysexits.h.
        public var exitCode: Int32 {
            switch value {
            case .usage: 64
            case .noInput: 66
            case .unavailable: 69
            case .software: 70
            case .io: 74
            case .temporary: 75
            case .permission: 77
            case .config: 78
            }
        }
    }

    public var code: Code
    /// One line for a person: what is wrong, where, and what mends it.
    public var message: String
    /// Further lines, one a fault (the diagnostics of a policy).
    public var details: [String]

    public init(_ code: Code, _ message: String, details: [String] = []) {
        self.code = code
        self.message = message
        self.details = details
    }

    public var description: String { ([message] + details).joined(separator: "\n") }
}
