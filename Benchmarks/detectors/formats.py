"""How identifiers are built, by the bodies that issue them. Nothing here is taken from the detectors' own patterns."""

# SWIFT's IBAN registry: what follows country and check digits (n digits, a capital letters, c either).
IBAN = dict(
    pair.split(":") for pair in """
    AD:8n12c AE:19n AL:8n16c AT:16n AZ:4a20c BA:16n BE:12n BG:4a6n8c BH:4a14c BI:23n BR:23n1a1c BY:4c4n16c CH:5n12c
    CR:18n CY:8n16c CZ:20n DE:18n DJ:23n DK:14n DO:4c20n EE:16n EG:25n ES:20n FI:14n FK:2a12n FO:14n FR:10n11c2n
    GB:4a14n GE:2a16n GI:4a15c GL:14n GR:7n16c GT:4c20c HN:4a20n HR:17n HU:24n IE:4a14n IL:19n IQ:4a15n IS:22n
    IT:1a10n12c JO:4a4n18c KW:4a22c KZ:3n13c LB:4n20c LC:4a24c LI:5n12c LT:16n LU:3n13c LV:4a13c LY:21n MC:10n11c2n
    MD:2c18c ME:18n MK:3n10c2n MN:16n MR:23n MT:4a5n18c MU:4a19n3a NI:4a20n NL:4a10n NO:11n OM:3n16c PK:4a16c PL:24n
    PS:4a21c PT:21n QA:4a21c RO:4a16c RS:18n RU:14n15c SA:2n18c SC:4a20n3a SD:14n SE:20n SI:15n SK:20n SM:1a10n12c
    SO:19n ST:21n SV:4a20n TL:19n TN:20n TR:6n16c UA:6n19c VA:18n VG:4a16n XK:16n YE:4a4n18c""".split())

# Brand: prefixes (a range or one), lengths, and how often it is seen.
CARDS = [
    ("visa", ["4"], [16, 16, 16, 16, 16, 16, 13, 19], 36),
    ("mastercard", ["51", "52", "53", "54", "55", "2221", "2300", "2468", "2599", "2720"], [16], 28),
    ("amex", ["34", "37"], [15], 12),
    ("discover", ["6011", "644", "648", "65"], [16], 6),
    ("diners", ["300", "305", "36", "38", "39"], [14], 4),
    ("jcb", ["3528", "3550", "3589"], [16], 4),
    ("unionpay", ["620", "624", "6282"], [16, 17, 18, 19], 4),
    ("maestro", ["5018", "5020", "5038", "6304", "6759", "6761", "6763"], [13, 16, 18, 19], 3),
    ("mir", ["2200", "2204"], [16], 1),
    ("rupay", ["6071", "6521", "8172"], [16], 1),
    ("troy", ["9792"], [16], 1),
]

# Where the groups of a written number end.
CARD_GROUPS = {13: (4, 3, 3, 3), 14: (4, 6, 4), 15: (4, 6, 5), 16: (4, 4, 4, 4), 17: (4, 4, 4, 5), 18: (6, 12), 19: (4, 4, 4, 4, 3)}

# Letters and digits of passports: 9 a digit, A a letter; the others stand for themselves. (Issuing states' descriptions,
# ICAO Doc 9303.)
PASSPORTS = {
    "us": ["999999999", "A99999999"], "uk": ["999999999"], "de": ["C99X99T99", "L01X99999", "F9Z9H9K99"],
    "fr": ["99AA99999"], "es": ["AAA999999", "AA999999"], "it": ["YA9999999", "AA9999999"], "in": ["J9999999", "Z9999999"],
    "ca": ["AA999999", "A999999AA"], "au": ["N9999999", "PA9999999"], "br": ["FA999999"], "jp": ["TK9999999"],
    "kr": ["M99999999"], "cn": ["E99999999", "G99999999"], "nl": ["NX9A99A99"], "ch": ["X9999999"], "se": ["99999999"],
    "pl": ["EA9999999"], "za": ["A99999999"], "ph": ["P9999999A"], "mx": ["G99999999"], "ie": ["P9999999"],
}

# Driving licences (American state authorities' descriptions; DVLA; others).
LICENCES = {
    "us-ca": ["A9999999"], "us-ny": ["999999999", "999 999 999"], "us-tx": ["99999999"],
    "us-fl": ["A999-999-99-999-9", "A999999999999"], "us-il": ["A999-9999-9999", "A99999999999"],
    "us-nj": ["A9999 99999 99999", "A99999999999999"], "us-wi": ["A999-9999-9999-99"], "us-mi": ["A 999 999 999 999"],
    "us-md": ["A-999-999-999-999"], "us-oh": ["AA999999"], "us-pa": ["99999999", "99 999 999"], "us-va": ["A99999999"],
    "us-ma": ["S99999999"], "us-co": ["99-999-9999", "999999999"], "us-nh": ["99AAA99999"], "us-ks": ["K99-99-9999"],
    "us-wa": ["WDLABCD999AA"], "us-hi": ["H99999999"], "us-ia": ["999AA9999"], "us-vt": ["9999999A"], "us-id": ["AA999999A"],
    "uk": ["MORGA699999SM9IJ", "JONES799999AB9CD"], "de": ["B072RRE9I99"], "it": ["U1H99999A", "AA9999999A"],
    "ca-on": ["A9999-99999-99999"], "in": ["MH99 99999999999"],
}

# Regions whose national forms people write without the country's code.
PHONE_REGIONS = ["US"] * 8 + ["GB"] * 3 + ["DE", "DE", "FR", "FR", "IN", "IN", "IL", "CA", "CA", "BR", "BR"]
OTHER_PHONE_REGIONS = ["ES", "IT", "AU", "JP", "NL", "SE", "PL", "MX", "CH", "ZA"]

TOP_DOMAINS = ["com"] * 9 + ["org", "net", "io", "co.uk", "de", "fr", "co.jp", "edu", "gov", "museum", "technology", "info",
    "com.au", "dev", "health", "ai", "com.br", "eu", "ch", "in"]
FIRST_NAMES = """Alice Bob Carol David Elena Farid Grace Hiro Ingrid Jamal Katya Liam Mei Nadia Omar Priya Quinn Rosa Stefan
    Tomás Uma Victor Wendy Xiang Yara Zoë Björn Chloé Dmitri Esra""".split()
LAST_NAMES = """Smith Johnson Müller García Rossi Novak Okafor Kim Tanaka Singh Andersson Dubois O'Brien Kowalski Silva Haddad
    Nguyen Schmidt Petrov Larsen Fischer Moreau Jansen Costa Yilmaz Cohen Ibrahim Wright Baker Chen""".split()
COMPANIES = "Acme Globex Initech Umbrella Hooli Stark Wayne Soylent Tyrell Wonka Aperture Cyberdyne".split()
CITIES = "Berlin Boston Madrid Lagos Osaka Pune Lyon Leeds Zürich Recife Haifa Toronto Malmö Austin".split()
WORDS = """the customer asked about a refund and was told to wait until parcel arrives next week because warehouse moved
    support agent checked status again called back later shipped second item replaced broken hinge under warranty note left
    with neighbour please update record before closing ticket thanks regards urgent pending review approved""".split()
