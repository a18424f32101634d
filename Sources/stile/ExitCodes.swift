import ArgumentParser

/// Exit codes by sysexits(3), so that scripts can tell what went wrong.
extension ExitCode {
    /// EX_USAGE: the command was used wrongly.
    static let usage = ExitCode(64)
    /// EX_DATAERR: what was read is at fault.
    static let dataError = ExitCode(65)
    /// EX_NOINPUT: a file is not there or cannot be read.
    static let noInput = ExitCode(66)
    /// EX_NOHOST: a host name is unknown.
    static let noHost = ExitCode(68)
    /// EX_UNAVAILABLE: a service cannot be reached.
    static let unavailable = ExitCode(69)
    /// EX_SOFTWARE: a fault of the program's own.
    static let software = ExitCode(70)
    /// EX_OSERR: the system refuses (no memory, no descriptors).
    static let osError = ExitCode(71)
    /// EX_CANTCREAT: a file cannot be written.
    static let cannotCreate = ExitCode(73)
    /// EX_IOERR: reading or writing failed midway.
    static let ioError = ExitCode(74)
    /// EX_TEMPFAIL: it may go through later.
    static let temporaryFailure = ExitCode(75)
    /// EX_NOPERM: it is not allowed.
    static let noPermission = ExitCode(77)
    /// EX_CONFIG: the configuration is at fault.
    static let configuration = ExitCode(78)
}
