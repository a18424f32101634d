/// Which passwords SCRAM's preparation (SASLprep, RFC 4013) leaves as they are.
///
/// A server prepares a password before it derives keys from it, and uses it raw where the preparation forbids it
/// (PostgreSQL, src/common/saslprep.c). The preparation is a compatibility normalization (NFKC), for which the standard library
/// has no public function, so it is not done here: a password that it would change is told apart, and whoever reads passwords
/// refuses it with the way out. What is left is used as its UTF-8 bytes, which are the prepared and the raw form at once.
public enum PreparedPassword {
    /// Whether the preparation leaves the password as it is, whatever its rules on forbidden and right-to-left characters say.
    ///
    /// It may be `false` for a rare one that would stay: titlecase letters, and sequences of marks in their normal form.
    public static func isUnchanged(_ password: String) -> Bool {
        password.unicodeScalars.allSatisfy(isUnchanged)
    }

    /// Whether a character is its own NFKC form, joins with none before it, and is neither mapped to nothing (RFC 3454 table B.1)
    /// nor to a space (table C.1.2).
    private static func isUnchanged(_ scalar: Unicode.Scalar) -> Bool {
        // Control characters are forbidden: then the raw password counts.
        if scalar.isASCII { return true }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .spaceSeparator: return false
        default: break
        }
        switch scalar.value {
        // The Mongolian soft hyphen is in table B.1, and Hangul's parts join to syllables.
        case 0x1806, 0x1100...0x11FF: return false
        // Case folding changes these, and nothing else.
        case 0xDF, 0x3C2: return true
        default: break
        }
        if !properties.changesWhenNFKCCaseFolded { return true }
        // Case folding alone may be why: then the letter is the one capital of a small letter that stays.
        let mapping = properties.lowercaseMapping.unicodeScalars
        guard let small = mapping.first, mapping.count == 1, small != scalar,
            !small.properties.changesWhenNFKCCaseFolded
        else { return false }
        return small.properties.uppercaseMapping.unicodeScalars.elementsEqual([scalar])
    }
}
