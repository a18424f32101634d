import Policy

/// What documents and records about people carry. None has a form of its own, so context must name it.
extension BuiltInDetectors {
    private static let months =
        "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
        + "|nov(?:ember)?|dec(?:ember)?)"

    static let documents: [DetectorSpec] = [
        DetectorSpec(
            name: "medical-record-number", summary: "medical record numbers, with context",
            patterns: [.init(#"[A-Za-z]{0,4}-?\d{4,12}"#, .documentNumber, needsContext: true, signal: .digits)],
            context: [
                "mrn", "mrns", "mrn no", "medical record", "medical records", "medical record number",
                "medical record no", "patient id", "patient number", "patient no", "patient identifier", "chart number",
                "chart no", "hospital number", "health record",
            ]),
        DetectorSpec(
            name: "date-of-birth", summary: "dates, with context that says birth",
            patterns: [
                .init(
                    #"\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})"#, .date,
                    needsContext: true, signal: .digits),
                .init(#"\d{8}"#, .date, needsContext: true, signal: .digits),
                .init(
                    #"(?i)\d{1,2}(?:st|nd|rd|th)?[ -]\#(months)\.?,?[ -]\d{4}|\#(months)\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"#,
                    .date, needsContext: true, signal: .digits),
            ],
            context: [
                "dob", "d o b", "date of birth", "birth date", "birth", "birthday", "birth day", "born", "born on",
                "geburtsdatum",
            ]),
        DetectorSpec(
            name: "passport", summary: "passport numbers, with context",
            patterns: [.init(#"[A-Za-z]{0,2}\d{6,9}[A-Za-z]?"#, .documentNumber, needsContext: true, signal: .digits)],
            context: [
                "passport", "passports", "passport no", "passport number", "passport num", "passport id",
                "travel document",
            ]),
        DetectorSpec(
            name: "drivers-license", summary: "driving licence numbers, with context",
            patterns: [
                .init(
                    #"[A-Za-z]{0,3}-?\d{4,14}(?:[A-Za-z]{0,2}\d{0,2})?|[A-Za-z]\d{3}(?:-\d{3,4}){2,4}|[A-Za-z]{5}\d{6}[A-Za-z]{1,2}\d?[A-Za-z0-9]{2,3}"#,
                    .documentNumber, needsContext: true, signal: .digits)
            ],
            context: [
                "drivers license", "driver license", "driver's license", "drivers licence", "driver's licence",
                "driving license", "driving licence", "driving licence number", "license number", "licence number",
                "license no", "licence no", "dl number", "dl no", "dln", "dl",
            ]),
    ]
}
