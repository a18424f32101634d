"""Values of every kind that a detector looks for: in the spellings that people and programs use."""

import base64
import json
import string

import phonenumbers

from . import formats

ALNUM = string.ascii_letters + string.digits
UPPER_ALNUM = string.ascii_uppercase + string.digits


class Values:
    """Makes values from one source of chance. Each method returns the text, and whether it needs a word beside it to be known
    for what it is."""

    def __init__(self, random, held_out=False):
        self.random = random
        self.held_out = held_out

    def of(self, entity):
        return getattr(self, entity.replace("-", "_"))()

    # Bits

    def digits(self, count):
        return "".join(self.random.choice(string.digits) for _ in range(count))

    def letters(self, count, alphabet=ALNUM):
        return "".join(self.random.choice(alphabet) for _ in range(count))

    def mixed(self, count, alphabet=ALNUM):
        """Letters of every kind, as random keys have them."""
        while True:
            text = self.letters(count, alphabet)
            if any(c.isdigit() for c in text) and any(c.isupper() for c in text) and any(c.islower() for c in text):
                return text

    def pick(self, *weighted):
        """One of (weight, value)."""
        return self.random.choices([v for _, v in weighted], [w for w, _ in weighted])[0]

    def pattern(self, pattern):
        """9: a digit, A: a capital letter, all else itself."""
        return "".join(
            self.digits(1) if c == "9" else self.random.choice("ABCDEFGHJKLMNPRSTVWXYZ") if c == "A" else c for c in pattern)

    @staticmethod
    def luhn(body):
        total = 0
        for index, digit in enumerate(reversed(body)):
            value = int(digit) * (2 if index % 2 == 0 else 1)
            total += value - 9 if value > 9 else value
        return str(-total % 10)

    # Numbers

    def card_number(self):
        brand = self.random.choices(formats.CARDS, [c[3] for c in formats.CARDS])[0]
        length = self.random.choice(brand[2])
        prefix = self.random.choice(brand[1])
        body = prefix + self.digits(length - len(prefix) - 1)
        return body + self.luhn(body)

    def credit_card(self):
        number = self.card_number()
        separator = self.pick((42, ""), (36, " "), (18, "-"), (4, "."))
        if not separator:
            return number, False
        groups = formats.CARD_GROUPS[len(number)]
        if len(number) == 16 and self.held_out and self.random.random() < 0.1:
            groups = (8, 8)
        parts, start = [], 0
        for size in groups:
            parts.append(number[start:start + size])
            start += size
        return separator.join(p for p in parts if p), False

    def ssn_parts(self):
        while True:
            area = self.random.randrange(1, 900)
            if area != 666:
                return f"{area:03}", f"{self.random.randrange(1, 100):02}", f"{self.random.randrange(1, 10000):04}"

    def us_ssn(self):
        parts = self.ssn_parts()
        style = self.pick((58, "-"), (12, " "), (4, "."), (26, ""))
        # Dots between figures say nothing by themselves.
        return style.join(parts), style in ("", ".")

    def iban(self):
        country = self.random.choice(list(formats.IBAN) + ["DE", "GB", "FR", "NL", "ES", "IT"] * 6)
        body, count = "", ""
        for c in formats.IBAN[country]:
            if c.isdigit():
                count += c
                continue
            alphabet = {"n": string.digits, "a": string.ascii_uppercase, "c": UPPER_ALNUM}[c]
            body += self.letters(int(count), alphabet)
            count = ""
        number = int("".join(str(int(c, 36)) for c in body + country + "00"))
        text = country + f"{98 - number % 97:02}" + body
        style = self.pick((46, "plain"), (44, "spaced"), (4, "dashed"), (6, "lower"))
        if style == "lower":
            return text.lower(), False
        if style == "plain":
            return text, False
        return (" " if style == "spaced" else "-").join(text[i:i + 4] for i in range(0, len(text), 4)), False

    def us_npi(self):
        body = self.random.choice("12") + self.digits(8)
        number = body + self.luhn("80840" + body)
        if self.random.random() < 0.15:
            separator = self.random.choice(" -")
            return f"{number[:4]}{separator}{number[4:7]}{separator}{number[7:]}", True
        return number, True

    # Contacts

    def email(self):
        first = self.random.choice(formats.FIRST_NAMES)
        last = self.random.choice(formats.LAST_NAMES)
        plain = lambda name: name.lower().translate(str.maketrans("üöäåéëáí", "uoaaeeai")).replace("'", "")
        f, l = plain(first), plain(last)
        local = self.pick(
            (20, f"{f}.{l}"), (10, f"{f}{l}"), (10, f"{f[0]}{l}"), (8, f"{f}_{l}"), (8, f"{f}{self.digits(2)}"),
            (10, f"{f}.{l}+{self.random.choice(['news', 'shop', '2024', 'tag-1', 'a.b'])}"), (4, f"{f}-{l}"),
            (4, f"{f.upper()}.{l.upper()}"), (3, f"{f}.o'{l}"), (3, self.digits(6)), (2, f"{f}%{l}"), (2, f"_{f}"),
            (3, f"{first.lower()}.{l}"))
        domain = self.pick(
            (30, self.random.choice(["example", "gmail", "mail", "acme", "hooli", "posteo", "web", "uni-bonn"])),
            (10, f"mail.{self.random.choice(formats.COMPANIES).lower()}"),
            (5, f"eu-west.{self.random.choice(formats.COMPANIES).lower()}-group"),
            (3, f"{self.digits(3)}"), (3, "xn--bcher-kva"), (2, "bücher"), (2, "x.y.z-1"))
        return f"{local}@{domain}.{self.random.choice(formats.TOP_DOMAINS)}", False

    def phone_number(self, region):
        kind = self.random.choice([phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE])
        example = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
        national = phonenumbers.national_significant_number(example)
        for _ in range(60):
            keep = len(national) - self.random.choice([4, 5, 6])
            if region in ("US", "CA"):
                candidate = self.random.choice(["415", "212", "617", "303", "512", "206", "416", "604", "312", "702"])
                candidate += self.random.choice("23456789") + self.digits(6)
            else:
                candidate = national[:keep] + self.digits(len(national) - keep)
            number = phonenumbers.PhoneNumber(
                country_code=example.country_code, national_number=int(candidate),
                italian_leading_zero=example.italian_leading_zero)
            if phonenumbers.is_valid_number(number):
                return number
        return example

    def phone(self):
        style = self.pick((22, "international"), (14, "e164"), (42, "national"), (8, "bare"), (6, "other"), (8, "zeros"))
        form = phonenumbers.PhoneNumberFormat
        if style in ("international", "e164", "zeros"):
            number = self.phone_number(self.random.choice(sorted(phonenumbers.SUPPORTED_REGIONS)))
            if style == "e164":
                return phonenumbers.format_number(number, form.E164), False
            text = phonenumbers.format_number(number, form.INTERNATIONAL)
            if style == "zeros":
                return "00" + text[1:], True
            return self.pick((60, text), (14, text.replace(" ", "-")), (10, text.replace(" ", ".")),
                (8, text.replace(" ", " (", 1).replace(" ", ") ", 2).replace(") (", " (", 1) if text.count(" ") > 1 else text),
                (8, text.replace(" ", ""))), False
        region = self.random.choice(formats.OTHER_PHONE_REGIONS if style == "other" else formats.PHONE_REGIONS)
        number = self.phone_number(region)
        text = phonenumbers.format_number(number, form.NATIONAL)
        if style == "bare":
            return "".join(c for c in text if c.isdigit()), True
        if region in ("US", "CA"):
            d = str(number.national_number)
            text = self.pick(
                (30, text), (25, f"{d[:3]}-{d[3:6]}-{d[6:]}"), (15, f"{d[:3]}.{d[3:6]}.{d[6:]}"), (8, f"{d[:3]} {d[3:6]} {d[6:]}"),
                (8, f"1-{d[:3]}-{d[3:6]}-{d[6:]}"), (6, f"({d[:3]}){d[3:6]}-{d[6:]}"), (4, f"1 ({d[:3]}) {d[3:6]}-{d[6:]}"),
                (4, f"{d[:3]}-{d[3:6]}-{d[6:]} ext. {self.digits(3)}"))
            return text, False
        # The forms of other countries are figures like any: a word beside them tells.
        return text, not text.startswith("0") and "(" not in text

    def ipv4(self):
        while True:
            parts = [self.random.randrange(256) for _ in range(4)]
            if self.random.random() < 0.4:
                parts[:2] = self.random.choice([(10, parts[1]), (192, 168), (172, 16 + parts[1] % 16)])
            if 0 < parts[0] < 224 and parts[0] != 127:
                return ".".join(map(str, parts)), False

    def ipv6(self):
        groups = [f"{self.random.randrange(65536):x}" for _ in range(8)]
        groups[0] = self.random.choice(["2001", "2a02", "fe80", "fd12", "2606", "2400"])
        style = self.pick((30, "full"), (40, "short"), (10, "padded"), (8, "upper"), (8, "mapped"), (4, "tail"))
        if style == "full":
            return ":".join(groups), False
        if style == "padded":
            return ":".join(g.zfill(4) for g in groups), False
        if style == "upper":
            return ":".join(groups).upper(), False
        if style == "mapped":
            return "::ffff:" + self.ipv4()[0], False
        if style == "tail":
            return f"{groups[0]}:{groups[1]}:{groups[2]}::", False
        cut = self.random.randrange(1, 5)
        return ":".join(groups[:cut]) + "::" + ":".join(groups[self.random.randrange(cut + 1, 8):]), False

    # Documents

    def date(self, first, last):
        year = self.random.randrange(first, last)
        month, day = self.random.randrange(1, 13), self.random.randrange(1, 29)
        name = "January February March April May June July August September October November December".split()[month - 1]
        ending = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
        return self.pick(
            (26, f"{year}-{month:02}-{day:02}"), (16, f"{month:02}/{day:02}/{year}"), (10, f"{day:02}.{month:02}.{year}"),
            (6, f"{month}/{day}/{year}"), (6, f"{day:02}-{month:02}-{year}"), (4, f"{month:02}/{day:02}/{year % 100:02}"),
            (8, f"{name} {day}, {year}"), (8, f"{day} {name} {year}"), (4, f"{day} {name[:3]} {year}"),
            (4, f"{day:02}-{name[:3].upper()}-{year}"), (3, f"{name[:3]} {day}, {year}"), (3, f"{name} {day}{ending}, {year}"),
            (2, f"{day}{ending} of {name} {year}"), (2, f"{year}/{month:02}/{day:02}"), (3, f"{year}{month:02}{day:02}"))

    def date_of_birth(self):
        return self.date(1930, 2016), True

    def medical_record_number(self):
        return self.pick(
            (40, self.digits(8)), (15, self.digits(7)), (10, self.digits(10)), (8, "MRN" + self.digits(8)),
            (8, "E" + self.digits(9)), (6, f"{self.digits(2)}-{self.digits(2)}-{self.digits(2)}"),
            (6, f"{self.digits(3)}-{self.digits(3)}-{self.digits(3)}"), (4, "H" + self.digits(7)), (3, "PT-" + self.digits(6))), True

    def passport(self):
        country = self.random.choice(list(formats.PASSPORTS) + ["us"] * 8 + ["uk"] * 4)
        return self.pattern(self.random.choice(formats.PASSPORTS[country])), True

    def drivers_license(self):
        state = self.random.choice(list(formats.LICENCES))
        return self.pattern(self.random.choice(formats.LICENCES[state])), True

    # Secrets

    def base64url(self, value):
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    def jwt(self):
        header = {"alg": self.random.choice(["HS256", "RS256", "ES256", "none"]), "typ": "JWT"}
        if self.random.random() < 0.3:
            header = {"typ": "JWT", "kid": self.letters(8), "alg": "RS256"}
        claims = {"sub": self.digits(10), "name": self.random.choice(formats.FIRST_NAMES), "iat": 1_500_000_000 + self.random.randrange(10**8)}
        signature = "" if header["alg"] == "none" else self.base64url(self.random.randbytes(32))
        dump = lambda value: self.base64url(json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode())
        return f"{dump(header)}.{dump(claims)}.{signature}", False

    def aws_access_key(self):
        return self.random.choice(["AKIA", "AKIA", "ASIA", "AROA", "AIDA"]) + self.letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), False

    def aws_secret_key(self):
        return self.mixed(40, ALNUM + "+/"), True

    def github_token(self):
        if self.random.random() < 0.3:
            return f"github_pat_{self.letters(22)}_{self.letters(59)}", False
        return f"gh{self.random.choice('posur')}_{self.letters(36)}", False

    def gitlab_token(self):
        return self.random.choice(["glpat-", "gldt-", "glrt-", "glptt-"]) + self.letters(20, ALNUM + "-_"), False

    def slack_token(self):
        if self.random.random() < 0.25:
            return (f"https://hooks.slack.com/services/T{self.letters(8, UPPER_ALNUM)}/B{self.letters(8, UPPER_ALNUM)}/{self.letters(24)}"), False
        return f"xox{self.random.choice('bpas')}-{self.digits(12)}-{self.digits(12)}-{self.letters(24)}", False

    def stripe_key(self):
        if self.random.random() < 0.2:
            return "whsec_" + self.letters(32), False
        return f"{self.random.choice('rs')}k_{self.random.choice(['live', 'test'])}_{self.letters(24)}", False

    def google_api_key(self):
        return self.pick((70, "AIza" + self.letters(35, ALNUM + "-_")), (15, "ya29." + self.letters(60, ALNUM + "-_")),
            (15, "GOCSPX-" + self.letters(28, ALNUM + "-_"))), False

    def openai_key(self):
        if self.random.random() < 0.4:
            return "sk-" + self.letters(48), False
        return f"sk-{self.random.choice(['proj', 'svcacct', 'admin'])}-{self.letters(74, ALNUM + '-_')}{self.letters(4)}", False

    def anthropic_key(self):
        return f"sk-ant-{self.random.choice(['api03', 'admin01'])}-{self.letters(93, ALNUM + '-_')}AA", False

    def npm_token(self):
        return "npm_" + self.letters(36), False

    def pypi_token(self):
        return "pypi-AgEIcHlwaS5vcmc" + self.letters(120, ALNUM + "-_") + self.letters(2), False

    def sendgrid_key(self):
        return f"SG.{self.letters(22, ALNUM + '-_')}.{self.letters(42, ALNUM + '-_')}{self.letters(1)}", False

    def huggingface_token(self):
        return "hf_" + self.letters(34), False

    def private_key_block(self):
        kind = self.random.choice(["RSA ", "EC ", "OPENSSH ", "", "ENCRYPTED "])
        body = base64.b64encode(self.random.randbytes(self.random.choice([96, 240, 480]))).decode()
        end = self.random.choice(["\n", "\n", "\\n", "\r\n"])
        lines = end.join(body[i:i + 64] for i in range(0, len(body), 64))
        return f"-----BEGIN {kind}PRIVATE KEY-----{end}{lines}{end}-----END {kind}PRIVATE KEY-----", False
