/// What a pattern's match must pass besides. The raw values are part of the tables' layout: append, never renumber.
public enum DetectorValidator: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    /// The pattern says it all.
    case none = 0
    case cardNumber = 1
    case socialSecurityNumber = 2
    case iban = 3
    case email = 4
    case internationalPhone = 5
    case nationalPhone = 6
    case ipv4 = 7
    case ipv6 = 8
    case webToken = 9
    case secretKey = 10
    case privateKey = 11
    case providerIdentifier = 12
    case date = 13
    case documentNumber = 14
    /// No letter or digit may follow.
    case wholeWord = 15
    /// No letter, digit, dash or underscore may follow.
    case wholeToken = 16
    case contextualPhone = 17

    /// How unlikely it is that something passes by accident. Of two matches of the same length the greater counts.
    var rank: UInt8 {
        switch self {
        case .privateKey, .webToken: 9
        case .iban: 8
        case .cardNumber: 7
        case .email, .wholeToken: 6
        case .providerIdentifier: 5
        case .socialSecurityNumber, .secretKey: 4
        case .date, .ipv4, .ipv6: 3
        // Nine figures beside the word passport are a passport's, though they could be a telephone's.
        case .internationalPhone, .documentNumber: 2
        case .none, .wholeWord, .nationalPhone: 1
        case .contextualPhone: 0
        }
    }

    /// - Parameters:
    ///   - text: The whole text, for what stands around the match.
    ///   - range: The match, within the text and not empty.
    /// - Returns: The range to mask, `nil` when the match is none. It may be longer than `range`.
    func validate(_ text: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
        guard range.lowerBound >= 0, !range.isEmpty, range.upperBound <= text.count else { return nil }
        return switch self {
        case .none: range
        case .cardNumber: CardNumber.isValid(text, range) ? range : nil
        case .socialSecurityNumber: SocialSecurityNumber.isValid(text, range) ? range : nil
        case .iban: BankAccountNumber.isValid(text, range) ? range : nil
        case .email: EmailAddress.isValid(text, range) ? range : nil
        case .internationalPhone: PhoneNumber.isInternational(text, range) ? range : nil
        case .nationalPhone: PhoneNumber.isNational(text, range) ? range : nil
        case .contextualPhone: PhoneNumber.isContextual(text, range) ? range : nil
        case .ipv4: NetworkAddress.isIPv4(text, range) ? range : nil
        case .ipv6: NetworkAddress.isIPv6(text, range) ? range : nil
        case .webToken: WebToken.isValid(text, range) ? range : nil
        case .secretKey: SecretKey.isValid(text, range) ? range : nil
        case .privateKey: PrivateKeyBlock.extent(text, range)
        case .providerIdentifier: ProviderIdentifier.isValid(text, range) ? range : nil
        case .date: WrittenDate.isValid(text, range) ? range : nil
        case .documentNumber: DocumentNumber.isValid(text, range) ? range : nil
        case .wholeWord: text.byte(range.upperBound).isAlphanumeric ? nil : range
        case .wholeToken: isTokenByte(text.byte(range.upperBound)) ? nil : range
        }
    }

    private func isTokenByte(_ byte: UInt8) -> Bool { byte.isWord || byte == UInt8(ascii: "-") }
}
