import Records

/// Why the spool did not do as it was asked.
package struct SpoolError: Error, Hashable, Sendable, CustomStringConvertible {
    package struct Code: Hashable, Sendable {
        private enum Value { case full, tooLarge, locked, io, configuration, closed, sealed }
        private let value: Value

        /// No room, by the configured bound or on the disk. Acknowledgements make room again.
        package static let full = Code(value: .full)
        /// The record is longer than a record may be.
        package static let tooLarge = Code(value: .tooLarge)
        /// Another process uses the directory.
        package static let locked = Code(value: .locked)
        /// The operating system failed. The spool takes no more records: what it could not write it cannot promise.
        package static let io = Code(value: .io)
        /// The configured sizes do not fit together.
        package static let configuration = Code(value: .configuration)
        /// The spool was closed, by its owner.
        package static let closed = Code(value: .closed)
        /// The session was closed, or its close cannot be signed.
        package static let sealed = Code(value: .sealed)
    }

    package let code: Code
    /// For a person, with the place and the mend.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: RecordError) {
        self.init(error.code == .tooLarge ? .tooLarge : .sealed, error.message)
    }

    package var description: String { message }
}
