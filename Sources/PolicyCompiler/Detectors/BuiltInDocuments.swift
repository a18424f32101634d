import Policy

/// What documents and records about people carry. None has a form of its own, so context must name it.
extension BuiltInDetectors {
    private static let months =
        "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
        + "|nov(?:ember)?|dec(?:ember)?)"

    static let documents: [DetectorSpec] = [
        DetectorSpec(
            name: "medical-record-number", summary: "medical record numbers, with context",
            patterns: [
                .init(
                    #"[A-Za-z]{0,4}-?\d{4,12}|\d{2}-\d{2}-\d{2}(?:-\d{2})?|\d{3}-\d{2,3}-\d{3}"#, .documentNumber,
                    needsContext: true, signal: .digits)
            ],
            context: [
                "mrn", "mrns", "mrn no", "medical record", "medical records", "medical record number",
                "medical record no", "patient id", "patient number", "patient no", "patient identifier", "chart number",
                "chart no", "hospital number", "hospital no", "health record", "med rec", "med rec no", "pat id",
                "pat no",
                "medical id", "krankenaktennummer", "patientennummer",
            ]),
        DetectorSpec(
            name: "date-of-birth", summary: "dates, with context that says birth",
            patterns: [
                .init(
                    #"\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})"#, .date,
                    needsContext: true, signal: .digits),
                .init(#"\d{8}"#, .date, needsContext: true, signal: .digits),
                .init(
                    #"(?i)\d{1,2}(?:st|nd|rd|th)?(?: of)?[ -]\#(months)\.?,?[ -]\d{4}|\#(months)\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"#,
                    .date, needsContext: true, signal: .digits),
            ],
            context: [
                "dob", "d o b", "date of birth", "birth date", "birth", "birthday", "birth day", "born", "born on",
                "geburtsdatum", "geboren", "geb", "date de naissance", "né le", "née le", "fecha de nacimiento",
                "nacido",
                "nacida", "data di nascita", "data de nascimento", "geboortedatum",
            ]),
        DetectorSpec(
            name: "passport", summary: "passport numbers, with context",
            patterns: [
                .init(
                    #"[A-Za-z]{0,3}\d{6,9}[A-Za-z]{0,2}|\d{2}[A-Za-z]{2}\d{5}|[A-Za-z][A-Za-z0-9]{7}\d"#,
                    .documentNumber,
                    needsContext: true, signal: .digits)
            ],
            context: [
                "passport", "passports", "passport no", "passport number", "passport num", "passport id",
                "travel document", "reisepass", "reisepassnummer", "passnummer", "passeport", "pasaporte", "passaporto",
                "passaporte", "paspoort",
            ]),
        DetectorSpec(
            name: "drivers-license", summary: "driving licence numbers, with context",
            patterns: [
                .init(
                    #"[A-Za-z0-9]{5,18}|(?:[A-Za-z]{1,2}[ -]?)?\d{1,5}(?:[ -]\d{2,11}){1,5}(?:-\d)?"#,
                    .documentNumber, needsContext: true, signal: .digits)
            ],
            context: [
                "drivers license", "driver license", "driver's license", "drivers licence", "driver's licence",
                "driving license", "driving licence", "driving licence number", "license number", "licence number",
                "license no", "licence no", "dl number", "dl no", "dln", "dl", "driver lic", "drivers lic",
                "führerschein", "führerscheinnummer", "fuehrerschein", "permis de conduire", "permiso de conducir",
                "carnet de conducir", "patente di guida", "rijbewijs",
            ]),
    ]
}
