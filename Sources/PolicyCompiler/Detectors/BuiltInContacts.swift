import Policy

/// Where people and machines are reached.
extension BuiltInDetectors {
    /// What a mail address may have before the at sign: a match starts at the first of them.
    private static let localPart = ByteSet(
        Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-".utf8))

    static let contacts: [DetectorSpec] = [
        DetectorSpec(
            name: "email", summary: "mail addresses",
            patterns: [
                .init(
                    #"[\w%+\x80-\x{10FFFF}][\w.%+'\x80-\x{10FFFF}-]{0,62}@(?:[A-Za-z0-9\x80-\x{10FFFF}](?:[A-Za-z0-9\x80-\x{10FFFF}-]*[A-Za-z0-9\x80-\x{10FFFF}])?\.)+(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{2,59})"#,
                    .email, notAfter: localPart)
            ]),
        DetectorSpec(
            name: "phone",
            summary: "telephone numbers: international, North American, British and French forms; others with context",
            patterns: [
                .init(
                    #"\+\d{1,3}(?:[ .-]?(?: ?\(\d{1,4}\)|\d{1,4})){2,6}(?:,? ?(?:ext\.?|x) ?\d{1,6})?|\+\d{8,15}"#,
                    .internationalPhone, signal: .digits),
                .init(
                    #"(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?:,? ?(?:ext\.?|x) ?\d{1,6})?"#,
                    .nationalPhone,
                    signal: .digits),
                // A zero and groups: Europe, Asia, Australia; an area in parentheses: Brazil.
                .init(
                    #"0\d{2,5} \d{3,8}|0\d{1,4}(?: \d{2,4}){2,4}|0[1-9](?:[ .-]\d{2}){4}|0\d{1,3}-\d{3,4}-\d{4}|0\d{1,4}[-/]\d{5,8}|0\d{1,4}[-/]\d{2,4}(?: \d{2,4}){1,3}|\(0\d{1,4}\) ?\d{3,4}[ -]?\d{3,4}|\(\d{2}\) ?9?\d{4}-\d{4}"#,
                    .nationalPhone, signal: .digits),
                .init(
                    #"\d{9,15}|\(?\d{1,5}\)?(?:[ ./-]\(?\d{1,8}\)?){1,6}"#, .contextualPhone, needsContext: true,
                    signal: .digits),
            ],
            context: [
                "phone", "phones", "telephone", "tel", "mobile", "cell", "cellphone", "fax", "msisdn", "call", "sms",
                "whatsapp", "phone number", "contact number", "telefon", "telefax", "handy", "mobil", "téléphone",
                "teléfono", "telefono", "móvil", "celular", "telefone",
            ]),
        DetectorSpec(
            name: "ipv4", summary: "IPv4 addresses, but no loopback, mask or version number",
            patterns: [.init(#"\d{1,3}(?:\.\d{1,3}){3}"#, .ipv4, signal: .digits)]),
        DetectorSpec(
            name: "ipv6", summary: "IPv6 addresses, but no loopback, time or hardware address",
            patterns: [
                .init(
                    #"(?:[0-9A-Fa-f]{1,4}:|::)(?:[0-9A-Fa-f]{0,4}:){1,7}(?:[0-9A-Fa-f]{0,4}|\d{1,3}(?:\.\d{1,3}){3})|::[0-9A-Fa-f]{1,4}|[0-9A-Fa-f]{1,4}::[0-9A-Fa-f]{1,4}"#,
                    .ipv6)
            ]),
    ]
}
