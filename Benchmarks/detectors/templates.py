"""Sentences and columns that values stand in, in two sets. Detectors were mended for what they missed in both.

`{}` is the value, `{name}`, `{company}`, `{city}`, `{words}` fill in, `{other}` is something that looks like a value and is none.
"""

# Around values that are known by themselves.
PLAIN = [
    "{}", "{words} {} {words}", "{words}: {}", "{name} wrote: {}", "({})", "\"{}\"", "Ref {other}, {}, {other}", "{}, {words}",
    "See {} for details.", "{name} <{}>", "from={} status=ok", "{\"value\": \"{}\", \"id\": \"{other}\"}", "a;{};{other};b",
    "{words}\n{}\n{words}", "{other} {}", "{} {other}", "<td>{}</td>", "key='{}'", "Use {} (not {other}).", "- {}",
    "[{timestamp}] INFO {company} {} {other}", "{name},{city},{},{other}", "?q={}&n={other}",
]
PLAIN_SECOND = [
    "{} ", "Heads up {name}: {} was in the {company} export.", "{words} / {} / {words}", "| {other} | {} |", "* {}: {words}",
    "{words}; {}; {words}.", "Why is {} still in the {city} spreadsheet?", "{other}\t{}\t{name}", "<b>{}</b>{words}",
    "{'raw': '{}', 'n': {other}}", "{name} -> {} -> {company}", "{words} = {}", "Forwarded by {name}\n> {}\n{words}",
    "WARN {timestamp} {other} rejected {}", "`{}`", "({words}) {}!", "{}|{other}|{city}", "Is it {}?",
]

# What is said beside a value that is not known by itself, or often beside one that is.
CONTEXT = {
    "credit-card": ["Card number: {}", "charged to visa {}", "please use my credit card {} instead", "CC: {}", "card no. {} exp 04/27",
        "amex {} was declined", "paid by mastercard {}, {amount}"],
    "us-ssn": ["SSN: {}", "my social security number is {}", "Social Security No. {}", "ssn={}", "SSN# {}", "soc sec {} on file",
        "The applicant's SSN ({}) was verified", "tax form for {name}, ssn {}", "\"ssn\": \"{}\"", "Social Security: {}", "{name}'s social is wrong, the ssn should be {}"],
    "iban": ["IBAN: {}", "transfer {amount} to {} by Friday", "my bank account is {}", "Please pay to IBAN {} within 14 days", "BIC COBADEFF, IBAN {}"],
    "us-npi": ["NPI: {}", "NPI {} ({name}, MD)", "the national provider identifier is {}", "npi={}", "provider id {}", "billing NPI# {}", "Provider NPI number {}"],
    "email": ["Email: {}", "write to {} please", "mailto:{}", "contact {name} at {}.", "cc {} and {name}", "{name} <{}>", "login={}", "From: {}"],
    "phone": ["Phone: {}", "call me at {}", "Tel. {}", "my number is {}, phone any time", "mobile {}", "Fax: {}", "telephone {} or write",
        "cell: {}", "{name}, tel: {}", "phone={}", "ring my cell phone {} tonight", "WhatsApp {}", "Contact number {}"],
    "ipv4": ["IP: {}", "client {} connected", "blocked ip address {}", "host={} port=5432", "from {} to any port 22", "ping {}", "https://{}/admin", "ssh root@{}", "{}:8080"],
    "ipv6": ["IPv6: {}", "client [{}]:443 connected", "blocked ip address {}", "host={}", "route via {} dev eth0"],
    "date-of-birth": ["DOB: {}", "born on {}", "date of birth: {}", "Date of Birth {}", "birth date {}", "{name} (born {}) lives in {city}", "dob={}",
        "Birthday: {}", "D.O.B. {}", "patient was born {} in {city}", "\"birthDate\": \"{}\"", "{name}, dob {}, {city}"],
    "medical-record-number": ["MRN: {}", "MRN {}", "medical record number {}", "Medical Record #: {}", "patient id {} admitted", "chart number {}",
        "Patient ID: {}", "(MRN {})", "mrn={}", "Hospital number {}", "medical record no. {} was opened"],
    "passport": ["Passport: {}", "passport number {}", "Passport No. {} issued in {city}", "passport no {}", "travel document {}", "passport={}",
        "{name} holds passport {}", "her passport ({}) expired", "Passport #{}", "US passport {}"],
    "drivers-license": ["Driver's license: {}", "driver license {}", "DL# {}", "driving licence {}", "Driver License Number: {}", "drivers license no. {}",
        "DL number {}", "license number {} ({city})", "Driving Licence No: {}", "{name}'s driver's license is {}", "DLN {}"],
    "aws-secret-key": ["aws_secret_access_key = {}", "AWS_SECRET_ACCESS_KEY={}", "SecretAccessKey: {}", "secret key {}", "\"secretAccessKey\": \"{}\"", "aws secret: {}"],
}
CONTEXT_SECOND = {
    "credit-card": ["the card on file is {}", "Zahlung per Visa {}", "can you put {amount} on {}?", "PAN {}", "tarjeta {}", "discover card ending, full no {}"],
    "us-ssn": ["{name} gave the social security number as {}", "employee ssn {}; hired {date}", "Social Security Number - {}", "SSN of spouse: {}", "ssn: '{}'",
        "{} (SSN)", "social security card {}"],
    "iban": ["account {} at {company} bank", "Bankverbindung: {}", "virement sur {}", "wire it to {} please, {amount}"],
    "us-npi": ["rendering provider NPI {}", "{name} MD / NPI {}", "National Provider Identifier (NPI): {}", "{} is the NPI of {name}"],
    "email": ["reach {name} under {}", "E-Mail: {}", "{} bounced", "user {} logged in", "reply-to={}", "To: {name} <{}>;"],
    "phone": ["phone number on file: {}", "you can call {} after five", "Telephone: {}", "mobile phone {}", "Cell {}", "home tel {}", "T: {} (phone)", "sms to {} failed",
        "{} is my phone", "new mobile number: {}"],
    "ipv4": ["login from IP {}", "nameserver {}", "X-Forwarded-For: {}", "allow {};", "peer {} reset", "{}/24 via eth0", "connect to {}:443 failed"],
    "ipv6": ["login from IP {}", "nameserver {}", "X-Forwarded-For: {}", "[{}]", "ping6 {}"],
    "date-of-birth": ["Geburtsdatum: {}", "date-of-birth {}", "{name} was born on {}.", "DoB {}", "birthdate: {}", "born: {}", "date_of_birth='{}'", "{name} celebrates a birthday on {}", "DOB - {}"],
    "medical-record-number": ["patient number {}", "see MRN# {}", "medical record: {}", "MRN = {}", "Patient MRN {} / {name}", "record {} (mrn)", "med rec no {}", "Pat. ID: {}"],
    "passport": ["passport num {}", "Passport Number: {}", "valid passport {} from {city}", "PASSPORT {}", "Reisepass {}", "passeport n° {}", "{} (passport)", "passport_no: {}"],
    "drivers-license": ["driver's licence {}", "DL: {}", "drivers license number is {}", "driving license {}", "license no. {} state CA", "Driver Lic. {}", "Führerschein {}", "{} (driver license)"],
    "aws-secret-key": ["export AWS_SECRET_ACCESS_KEY='{}'", "aws_secret_key: {}", "the AWS secret access key is {}", "secret_access_key = \"{}\""],
}

# Columns of cells that hold the value and nothing else.
COLUMNS = {
    "credit-card": ["card_number", "pan", "cc"], "us-ssn": ["ssn", "social_security_number", "customerSsn", "SSN"],
    "iban": ["iban", "bank_account"], "us-npi": ["npi", "provider_npi", "npi_number"], "email": ["email", "contact", "login"],
    "phone": ["phone", "mobile", "phone_number", "tel", "home_phone", "fax"], "ipv4": ["ip", "client_ip", "host"], "ipv6": ["ip", "remote_addr"],
    "date-of-birth": ["dob", "date_of_birth", "birth_date", "dateOfBirth", "birthday"],
    "medical-record-number": ["mrn", "medical_record_number", "patient_id", "patientMrn"],
    "passport": ["passport", "passport_number", "passportNo"], "drivers-license": ["drivers_license", "dl_number", "driver_license_no", "licenseNumber"],
    "aws-secret-key": ["aws_secret_access_key", "secretAccessKey"],
}
COLUMNS_SECOND = {
    "credit-card": ["payment", "value"], "us-ssn": ["emp_ssn", "ssn_number", "SocialSecurity"], "iban": ["account", "creditor"],
    "us-npi": ["referring_npi", "NPI"], "email": ["e_mail", "value"], "phone": ["cell_phone", "mobilePhone", "telephone", "contact_phone"],
    "ipv4": ["source", "last_login_ip"], "ipv6": ["address"], "date-of-birth": ["patient_dob", "DOB", "birthdate", "born_on"],
    "medical-record-number": ["MRN", "mrn_no", "patientId"], "passport": ["passport_no", "PassportNumber"],
    "drivers-license": ["driving_licence", "dl_no", "driverLicense"], "aws-secret-key": ["secret_key"],
}

# Columns and sentences of look-alikes.
OTHER_COLUMNS = ["id", "order_id", "created_at", "reference", "amount", "status", "sha", "sku", "notes", "version", "tracking", "external_id", "payload"]
OTHER_COLUMNS_SECOND = ["uid", "updated", "digest", "barcode", "quantity", "request_id", "comment", "invoice_no", "batch"]
OTHERS = [
    "{other}", "{words} {other}", "order {other} was shipped on {date}", "commit {other} by {name}", "{other} {other} {other}", "Ref: {other}",
    "tracking no. {other}", "{words} {other} {words} {other}", "total {amount}, paid {date}", "invoice {other} of {date} for {amount}", "id={other} ts={timestamp}",
    "[{timestamp}] {other} took {other}", "{company} released version {other}", "{words}", "{name} in {city}: {words}", "serial {other}", "{other},{other},{other}",
    "{\"id\": \"{other}\", \"n\": 3}", "expires {date}", "updated {timestamp} by {name}", "build {other} failed after {other}",
    # Words that stand beside values, beside what is none.
    "{name} called about order {order}", "mobile app {version} crashed at {timestamp}", "passport photos, order {order}, {amount}",
    "printer driver {version} of {date}", "licensed under {company} terms since {date}, build {version}", "the birth of {company} 2.0, release {version}",
    "cell phone case, {sku}, {amount}", "card game, item {sku}, {amount}",
]
OTHERS_SECOND = [
    "{other}.", "{words}, see {other}", "PO {other} / {company}", "checksum {other} matches", "{name} closed {other} on {date}", "meeting on {date} in {city}",
    "{other} -> {other}", "part no. {other}", "delivery note {other} dated {date}", "{timestamp} {other} {other}", "batch {other} of {other}", "{words} ({other})",
    "row {other}: {amount}", "flight {other} leaves at {time}", "model {other}, {city}",
    "phone charger {sku} back in stock {date}", "call with {company} moved to {time}, ticket {ticket}", "passport control opens at {time}, gate {batch}",
    "social event on {date}, budget {amount}", "medical supplies {order} for {city}", "driver hours: {range}, tour {order}",
]
