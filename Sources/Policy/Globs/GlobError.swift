/// Why a text is no glob.
public struct GlobError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: Hashable, Sendable {
        case empty
        case emptyComponent
        case tooLong
        case tooManyComponents
        case tooManyWildcards
        case controlCharacter
        case unclosedQuote
        case textAfterQuote
        /// A request path that does not begin with a slash.
        case noPath
        /// Two slashes with nothing between them, or one at the end.
        case emptySegment
        case tooManySegments
        /// `**` elsewhere than as the last segment.
        case misplacedDoubleStar
    }

    public let code: Code
    /// The text as it was given.
    public let text: String

    init(_ code: Code, in text: String) {
        self.code = code
        self.text = text
    }

    public var description: String {
        let reason =
            switch code {
            case .empty: "is empty"
            case .emptyComponent: "has nothing between two dots, or before the first or after the last"
            case .tooLong: "is longer than \(Glob.maximumLength) bytes"
            case .tooManyComponents: "has more than \(Glob.maximumComponents) parts"
            case .tooManyWildcards: "has more than \(Glob.maximumWildcards) asterisks in one part"
            case .controlCharacter: "has a control character"
            case .unclosedQuote: "opens a quote that it does not close"
            case .noPath: "does not begin with '/'"
            case .emptySegment: "has nothing between two slashes, or behind the last"
            case .tooManySegments: "has more than \(Glob.maximumSegments) segments"
            case .misplacedDoubleStar: "has '**' where it is not the last segment"
            case .textAfterQuote: "goes on after a closing quote where a dot or the end should be"
            }
        return "the pattern '\(text.prefix(80))' \(reason)"
    }
}
