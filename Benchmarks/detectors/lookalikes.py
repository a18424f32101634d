"""What looks like a sensitive value, and is none."""

import hashlib
import string
import uuid


class LookAlikes:
    def __init__(self, values):
        self.values = values
        self.random = values.random

    KINDS = """order invoice timestamp epoch uuid version hash commit amount tracking isbn ean sku serial coordinates product
        date time range percentage semver path hexcolour phone_like ssn_like card_like iban_like asset npm_package constant
        base64 certificate ticket mask mac account_number bitcoin iso_duration scientific batch build user_agent fraction""".split()

    def any(self):
        return self.of(self.random.choice(self.KINDS))

    def of(self, kind):
        return getattr(self, kind)()

    def order(self):
        d = self.values.digits
        return self.values.pick((3, f"ORD-{d(4)}-{d(6)}"), (3, "#" + d(8)), (3, d(10)), (2, d(9)), (2, d(12)), (2, d(16)), (1, f"PO{d(7)}"),
            (1, f"{d(3)}-{d(7)}-{d(7)}"))

    def invoice(self):
        d = self.values.digits
        return self.values.pick((1, f"INV-{d(6)}"), (1, f"2024/{d(5)}"), (1, f"INV{d(10)}"), (1, f"R-{d(4)}-{d(2)}-{d(4)}"))

    def timestamp(self):
        r = self.random
        text = f"20{r.randrange(10, 27)}-{r.randrange(1, 13):02}-{r.randrange(1, 29):02}"
        clock = f"{r.randrange(24):02}:{r.randrange(60):02}:{r.randrange(60):02}"
        return self.values.pick((3, f"{text}T{clock}Z"), (3, f"{text} {clock}.{self.values.digits(6)}+00"), (2, f"{text} {clock}"),
            (2, f"{text}T{clock}.{self.values.digits(3)}+02:00"), (1, text.replace("-", "") + clock.replace(":", "")))

    def epoch(self):
        return self.values.pick((1, f"1{self.values.digits(9)}"), (1, f"1{self.values.digits(12)}"), (1, f"1{self.values.digits(15)}"))

    def uuid(self):
        text = str(uuid.UUID(bytes=self.random.randbytes(16), version=4))
        return text.upper() if self.random.random() < 0.2 else text

    def version(self):
        r = self.random
        parts = [r.randrange(20), r.randrange(30), r.randrange(100)]
        return self.values.pick((3, "v" + ".".join(map(str, parts))), (3, ".".join(map(str, parts))),
            (3, "version " + ".".join(map(str, parts + [r.randrange(250)]))), (1, "v" + ".".join(map(str, parts + [r.randrange(9)]))))

    def semver(self):
        return f"{self.random.randrange(9)}.{self.random.randrange(40)}.{self.random.randrange(9)}-rc.{self.random.randrange(9)}+build.{self.values.digits(4)}"

    def hash(self):
        name = self.random.choice(["md5", "sha1", "sha256", "sha512"])
        return hashlib.new(name, self.random.randbytes(8)).hexdigest()

    def commit(self):
        return hashlib.sha1(self.random.randbytes(8)).hexdigest()[:self.random.choice([7, 8, 12, 40])]

    def amount(self):
        r = self.random
        return self.values.pick((1, f"${r.randrange(1, 10**6):,}.{self.values.digits(2)}"), (1, f"{r.randrange(10**5)}.{self.values.digits(2)} EUR"),
            (1, f"{r.randrange(1, 1000)}.{self.values.digits(3)},{self.values.digits(2)} €"), (1, f"{self.values.digits(9)}.{self.values.digits(2)}"))

    def tracking(self):
        d = self.values.digits
        return self.values.pick((1, f"1Z{self.values.letters(6, string.ascii_uppercase)}{d(10)}"), (1, "9400 1" + d(3) + " " + " ".join(d(4) for _ in range(4)) + " " + d(2)),
            (1, f"JD{d(18)}"), (1, d(12)), (1, "RR" + d(9) + "DE"))

    def isbn(self):
        d = self.values.digits
        return self.values.pick((1, f"978-{d(1)}-{d(4)}-{d(4)}-{d(1)}"), (1, "978" + d(10)), (1, f"{d(1)}-{d(3)}-{d(5)}-X"))

    def ean(self):
        return self.values.pick((1, self.values.digits(13)), (1, self.values.digits(12)), (1, self.values.digits(8)))

    def sku(self):
        return self.values.pick((1, f"SKU-{self.values.digits(8)}"), (1, f"{self.values.letters(3, string.ascii_uppercase)}-{self.values.digits(4)}-XL"),
            (1, f"{self.values.letters(2, string.ascii_uppercase)}{self.values.digits(6)}"))

    def serial(self):
        return self.values.letters(self.random.choice([10, 12, 17]), string.ascii_uppercase + string.digits)

    def coordinates(self):
        r = self.random
        return f"{r.uniform(-90, 90):.6f}, {r.uniform(-180, 180):.6f}"

    def product(self):
        return self.values.pick((1, f"RTX {self.random.randrange(1000, 9999)}"), (1, f"iPhone {self.random.randrange(8, 17)}"), (1, f"M{self.random.randrange(3, 12)}x{self.random.randrange(10, 60)}"))

    def date(self):
        return self.values.date(2015, 2027)

    def time(self):
        r = self.random
        return f"{r.randrange(24):02}:{r.randrange(60):02}" + (f":{r.randrange(60):02}" if r.random() < 0.5 else "")

    def range(self):
        r = self.random
        return self.values.pick((1, f"{r.randrange(1900, 2020)}-{r.randrange(2020, 2030)}"), (1, f"pp. {r.randrange(100, 500)}-{r.randrange(500, 999)}"),
            (1, f"{r.randrange(100, 999)}-{r.randrange(10, 99)}"))

    def percentage(self):
        return f"{self.random.uniform(0, 100):.4f}%"

    def path(self):
        return self.values.pick((1, f"/var/log/app/{self.values.digits(8)}/out.log"), (1, f"https://example.com/orders/{self.values.digits(10)}?page=2"),
            (1, f"s3://bucket/2024/05/{self.values.digits(6)}.parquet"))

    def hexcolour(self):
        return "#" + self.values.letters(6, "0123456789abcdef")

    def phone_like(self):
        d = self.values.digits
        return self.values.pick((1, f"{d(4)}-{d(4)}"), (1, f"1{d(2)}-1{d(2)}-{d(4)}"), (1, f"{d(3)}-{d(3)}-{d(3)}"), (1, f"{d(2)}.{d(3)}.{d(3)}"))

    def ssn_like(self):
        d = self.values.digits
        return self.values.pick((1, f"000-{d(2)}-{d(4)}"), (1, f"666-{d(2)}-{d(4)}"), (1, f"{d(2)}-{d(3)}-{d(4)}"), (1, f"{d(3)}-{d(2)}-{d(5)}"),
            (1, f"{d(3)}-00-{d(4)}"), (1, f"A{d(3)}-{d(2)}-{d(4)}"))

    def card_like(self):
        number = self.values.card_number()
        bad = number[:-1] + str((int(number[-1]) + self.random.randrange(1, 10)) % 10)
        return self.values.pick((2, bad), (2, " ".join(bad[i:i + 4] for i in range(0, len(bad), 4))), (1, "-".join(bad[i:i + 4] for i in range(0, len(bad), 4))),
            (1, bad[:6] + "******" + bad[-4:]))

    def iban_like(self):
        text = self.values.iban()[0]
        wrong = str((int(text[3]) + 1) % 10) if text[3].isdigit() else "0"
        return text[:3] + wrong + text[4:]

    def asset(self):
        return self.values.pick((1, f"icon@{self.random.randrange(2, 4)}x.png"), (1, f"logo-dark@2x.jpg"))

    def npm_package(self):
        return f"{self.random.choice(['lodash', 'react', '@types/node', 'vite'])}@{self.random.randrange(20)}.{self.random.randrange(30)}.{self.random.randrange(9)}"

    def constant(self):
        return self.random.choice(["3.141592653589793", "2.718281828459045", "6.02214076e23", "299792458", "1.7976931348623157e+308"])

    def base64(self):
        return self.values.letters(self.random.choice([24, 32, 44, 64])) + "=="

    def certificate(self):
        return "-----BEGIN CERTIFICATE-----\n" + self.values.letters(64) + "\n-----END CERTIFICATE-----"

    def ticket(self):
        return f"{self.random.choice(['JIRA', 'OPS', 'CVE', 'RFC', 'BUG'])}-{self.values.digits(self.random.choice([3, 4, 5]))}"

    def mask(self):
        return self.random.choice(["************1234", "XXX-XX-1234", "[redacted]", "4111********1111", "***@***.com"])

    def mac(self):
        separator = self.random.choice([":", "-"])
        return separator.join(f"{self.random.randrange(256):02x}" for _ in range(6))

    def account_number(self):
        return self.values.digits(self.random.choice([8, 10, 11]))

    def bitcoin(self):
        return "bc1q" + self.values.letters(38, "qpzry9x8gf2tvdw0s3jn54khce6mua7l")

    def iso_duration(self):
        return f"P{self.random.randrange(9)}DT{self.random.randrange(24)}H{self.random.randrange(60)}M"

    def scientific(self):
        return f"{self.random.uniform(-10, 10):.8e}"

    def batch(self):
        d = self.values.digits
        return self.values.pick((1, f"LOT {d(6)}"), (1, f"{d(2)}{self.values.letters(1, string.ascii_uppercase)}{d(5)}"), (1, f"B{d(8)}"))

    def build(self):
        r = self.random
        return f"build {r.randrange(1, 20)}.{r.randrange(10)}.{r.randrange(10000)}.{r.randrange(200)}"

    def user_agent(self):
        r = self.random
        return f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{r.randrange(90, 130)}.0.{r.randrange(1000, 6000)}.{r.randrange(200)} Safari/537.36"

    def fraction(self):
        return f"0.{self.values.digits(16)}"
