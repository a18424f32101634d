import Enforcement
import Testing

@Suite struct PreparedPasswordTests {
    @Test(arguments: [
        "", "correct horse battery staple", "tab\tand\u{7F}", "Zwölf Äpfel für Großmutter", "ΟΔΥΣΣΕΥΣ Οδυσσεύς",
        "пароль ПАРОЛЬ",
        "密码パスワード", "한국어", "שלום", "€§£°–“”", "\u{1F40E}\u{1F50B}", "a\u{E000}",
    ])
    func `a password that the preparation leaves as it is`(password: String) {
        #expect(PreparedPassword.isUnchanged(password))
    }

    @Test(arguments: [
        // Canonical and compatibility forms.
        "e\u{301}", "\u{212B}", "\u{212A}", "\u{2126}", "ﬁ", "Ａ", "²", "½", "µ", "…", "ℂ", "\u{1D400}", "Ǆ",
        "\u{1100}\u{1161}", "\u{F900}",
        // To a space, to nothing.
        "a\u{A0}b", "a\u{3000}b", "\u{1680}", "a\u{AD}b", "a\u{200B}b", "a\u{200D}b", "\u{FEFF}", "\u{1806}",
        "\u{FE0F}",
    ])
    func `a password that it may change`(password: String) {
        #expect(!PreparedPassword.isUnchanged(password))
        #expect(!PreparedPassword.isUnchanged("secret \(password)"))
    }
}
