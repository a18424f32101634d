/// Why bytes are no bundle, or no bundle could be made.
public struct BundleError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        case unreadable
        case truncated
        case notABundle
        case unsupportedVersion
        case corrupt
        case tooLarge
    }

    public let code: Code
    /// The part of the bundle, by its name in the layout's documentation.
    public let section: String
    /// Bytes from the start of the bundle.
    public let offset: Int
    public let reason: String

    init(_ code: Code, section: String = "header", offset: Int = 0, _ reason: String) {
        self.code = code
        self.section = section
        self.offset = offset
        self.reason = reason
    }

    public var description: String {
        code == .unreadable ? reason : "\(reason) (section \(section), byte \(offset))"
    }
}

/// Why a model cannot be laid out. A compiler reports these before it gets here, each with its place in the YAML.
public struct BundleWriterError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        case invalidGlob
        case duplicateName
        case unknownName
        case tooMany
        case wrongDigestLength
        /// What was laid out could not be read back: some limit of the reader's.
        case unreadable
    }

    public let code: Code
    public let reason: String

    init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    public var description: String { reason }
}
