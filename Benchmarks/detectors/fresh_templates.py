"""Sentences and columns written after the detectors were last changed: no detector was mended for what was missed here."""

PLAIN = [
    "{words} — {} — {words}", "[{}]", "Original message from {name}: {words} {} {words}", "{company};{city};{};{date}", "value={}&next={other}",
    "| {name} | {} | {other} |", "Could you check {} for me? {name}", "{}\n{other}", "{\"a\": [\"{}\", \"{other}\"]}", "DEBUG {timestamp} payload: {}", "=> {}",
    "{name}'s was {}, right?", "{words}.{words} {}", "<li>{}</li><li>{other}</li>", "{} ({company}, {city})",
]
CONTEXT = {
    "credit-card": ["we took payment from {}", "refund to card {} please", "Mastercard {} expires 09/28", "Kreditkarte {}", "my amex is {}"],
    "us-ssn": ["W-2 for {name}, SSN {}", "what is the last part of ssn {}?", "social security no: {}", "{name} / {} / ssn verified", "SS number {}", "His SSN is {}, hers is not known"],
    "iban": ["beneficiary account {}", "Please credit {} ({company})", "IBAN of the supplier is {}", "iban={};bic=DEUTDEFF"],
    "us-npi": ["Physician NPI: {}", "referred by {name}, npi {}", "NPI no. {}", "the provider's NPI is {}"],
    "email": ["you can mail {}", "sent to {} on {date}", "{} has unsubscribed", "owner: {}", "{name} ({})"],
    "phone": ["reach me on my mobile {}", "Call {name} at {}", "emergency contact {name}, phone {}", "tel:{}", "Ph. {}", "text or call {}", "callback number {}", "Telefon {}", "her cell is {}"],
    "ipv4": ["traffic from {} was dropped", "listen {}:443", "last seen at {}", "scp file root@{}:/tmp", "DNS server {}"],
    "ipv6": ["traffic from {} was dropped", "listen [{}]:443", "last seen at {}", "AAAA {}"],
    "date-of-birth": ["{name}, DOB {}, seen by {name}", "patient born {}", "My birthday is {}", "date of birth is {}", "DOB={}", "he was born in {city} on {}", "birthdate {}"],
    "medical-record-number": ["Pt. MRN {}", "hospital MRN: {}", "chart no. {}", "her medical record number is {}", "MRN#{}", "patient no {} discharged", "health record {}"],
    "passport": ["pp no {} passport of {name}", "passport: {} (exp {date})", "copy of passport {} attached", "Passport ID {}", "travels on passport {}", "lost my passport, number {}"],
    "drivers-license": ["DL {}", "driver's license # {}", "license: {}, driver {name}", "driving licence no {}", "Drivers License {} ({city})", "my driver license number is {}"],
    "aws-secret-key": ["secret access key: {}", "aws.secretAccessKey={}", "AWS secret key is {}"],
}
COLUMNS = {
    "credit-card": ["creditcard", "data"], "us-ssn": ["ssn", "taxpayer_ssn", "spouseSsn"], "iban": ["payee_iban", "field_7"], "us-npi": ["provider_npi", "npi_no"],
    "email": ["mail", "user_email"], "phone": ["phone1", "work_phone", "mobile_no", "faxNumber"], "ipv4": ["ip_address", "peer"], "ipv6": ["ip_address", "peer"],
    "date-of-birth": ["dob", "birth_dt", "dateofbirth", "member_dob"], "medical-record-number": ["mrn", "med_rec_no", "medical_record"],
    "passport": ["passport_id", "passport_no"], "drivers-license": ["dl", "driver_license", "drivers_licence_no"], "aws-secret-key": ["aws_secret"],
}
OTHER_COLUMNS = ["key", "ref_no", "modified", "etag", "sku_code", "remark", "score", "doc_id", "trace"]
OTHERS = [
    "{other} / {other}", "our reference {other}", "{name} moved {other} to {date}", "{words}: {other}; {words}", "parcel {other} left {city} on {date}", "see {other} and {other}",
    "v{version}, sha {hash}", "{amount} on {date}", "{other}\t{other}\t{amount}", "ticket {ticket}: {words}", "lot {batch}, use before {date}", "{timestamp} GET {path} 200",
    "the phone rang at {time}, {words}", "passport renewal takes 6 weeks, case {ticket}", "a card was sent with parcel {tracking}", "licence fee {amount} due {date}",
    "mobile data used: {amount}, cycle ends {date}", "{city} birth rate {percentage} in report {invoice}", "patient portal release {semver}", "social media post {epoch}",
]
