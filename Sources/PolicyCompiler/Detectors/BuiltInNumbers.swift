import Policy

/// Numbers of accounts and people that carry a check of their own.
extension BuiltInDetectors {
    static let numbers: [DetectorSpec] = [
        DetectorSpec(
            name: "credit-card", summary: "payment card numbers: issuer's prefix, length, Luhn's check",
            patterns: [.init(#"\d(?:[ .-]?\d){12,18}"#, .cardNumber, signal: .digits)]),
        DetectorSpec(
            name: "us-ssn", summary: "US social security numbers; nine bare digits only with context",
            patterns: [
                .init(#"\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}"#, .socialSecurityNumber, signal: .digits),
                .init(#"\d{9}|\d{3}\.\d{2}\.\d{4}"#, .socialSecurityNumber, needsContext: true, signal: .digits),
            ],
            context: [
                "ssn", "ssns", "ss no", "ss number", "soc sec", "social security", "social security number", "ssn no",
                "national id",
            ]),
        DetectorSpec(
            name: "iban", summary: "international bank account numbers: country's length, remainder modulo 97",
            patterns: [.init(#"[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}"#, .iban, signal: .digits)]),
        DetectorSpec(
            name: "us-npi", summary: "US national provider identifiers (Luhn's check), with context",
            patterns: [
                .init(
                    #"[12]\d{9}|[12]\d{3}-\d{3}-\d{3}|[12]\d{3} \d{3} \d{3}"#, .providerIdentifier, needsContext: true,
                    signal: .digits)
            ],
            context: ["npi", "npis", "national provider", "national provider identifier", "npi number", "provider id"]),
    ]
}
