/// Why a token was not accepted. Neither the message nor anything else here quotes the token.
public struct TokenError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable {
        enum Value {
            case malformed
            case algorithmRefused
            case unknownIssuer
            case unknownKey
            case badSignature
            case wrongAudience
            case expired
            case notYetValid
            case missingClaim
            case keysUnavailable
        }

        var value: Value

        public static let malformed = Code(value: .malformed)
        public static let algorithmRefused = Code(value: .algorithmRefused)
        public static let unknownIssuer = Code(value: .unknownIssuer)
        public static let unknownKey = Code(value: .unknownKey)
        public static let badSignature = Code(value: .badSignature)
        public static let wrongAudience = Code(value: .wrongAudience)
        public static let expired = Code(value: .expired)
        public static let notYetValid = Code(value: .notYetValid)
        public static let missingClaim = Code(value: .missingClaim)
        /// The issuer's keys could not be had; the token may be good.
        public static let keysUnavailable = Code(value: .keysUnavailable)
    }

    public var code: Code
    /// For a person: what is wrong, and where to mend it.
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

extension String {
    /// At most 120 characters of printable ASCII: what a peer chose is never shown as it is.
    var shownInMessages: String {
        String(self.unicodeScalars.prefix(120).map { (0x20..<0x7F).contains($0.value) ? Character($0) : "?" })
    }
}
