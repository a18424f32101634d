"""presidio-analyzer with a blank spaCy model: its own recognizers, all of them that look for what Stile looks for."""

import logging
import re

ENTITIES = {
    "CREDIT_CARD": "credit-card", "US_SSN": "us-ssn", "IBAN_CODE": "iban", "EMAIL_ADDRESS": "email", "PHONE_NUMBER": "phone",
    "IP_ADDRESS": "ip", "US_NPI": "us-npi", "US_PASSPORT": "passport", "UK_PASSPORT": "passport", "IN_PASSPORT": "passport",
    "IT_PASSPORT": "passport", "DE_PASSPORT": "passport", "ES_PASSPORT": "passport", "KR_PASSPORT": "passport",
    "PH_PASSPORT": "passport", "ZA_PASSPORT": "passport",
    "US_DRIVER_LICENSE": "drivers-license", "UK_DRIVING_LICENCE": "drivers-license", "IT_DRIVER_LICENSE": "drivers-license",
    "DE_FUEHRERSCHEIN": "drivers-license", "KR_DRIVER_LICENSE": "drivers-license",
    "ZA_DRIVER_LICENSE": "drivers-license",
}
SHARED = sorted(set(ENTITIES.values()))


def engine():
    """The analyzer as its documentation sets it up, with two things in its favour: words count as context as they are written
    (a blank model has no lemmas, without which no context word would ever count), and the recognizers of other countries'
    passports and licences run, too."""
    logging.disable(logging.ERROR)
    import spacy
    import tldextract
    import tldextract.tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, predefined_recognizers
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from spacy.language import Language

    # The list of top-level domains that came with the package: nothing is fetched.
    offline = tldextract.TLDExtract(suffix_list_urls=())
    tldextract.extract = offline
    tldextract.tldextract.TLD_EXTRACTOR = offline

    @Language.component("words_are_lemmas")
    def words_are_lemmas(document):
        for token in document:
            token.lemma_ = token.lower_
        return document

    class BlankEngine(SpacyNlpEngine):
        def __init__(self):
            super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
            model = spacy.blank("en")
            model.add_pipe("words_are_lemmas")
            self.nlp = {"en": model}

    names = [
        "CreditCardRecognizer", "UsSsnRecognizer", "IbanRecognizer", "EmailRecognizer", "PhoneRecognizer", "IpRecognizer", "UsNpiRecognizer",
        "UsPassportRecognizer", "UkPassportRecognizer", "InPassportRecognizer", "ItPassportRecognizer", "DePassportRecognizer",
        "EsPassportRecognizer", "KrPassportRecognizer", "PhPassportRecognizer", "ZaPassportRecognizer",
        "UsLicenseRecognizer", "UkDrivingLicenceRecognizer", "ItDriverLicenseRecognizer", "DeFuehrerscheinRecognizer", "KrDriverLicenseRecognizer",
        "ZaDriverLicenseRecognizer",
    ]
    registry = RecognizerRegistry(recognizers=[], supported_languages=["en"])
    for name in names:
        recognizer = getattr(predefined_recognizers, name)(supported_language="en")
        unknown = set(recognizer.supported_entities) - set(ENTITIES)
        if unknown:
            raise SystemExit(f"{name} finds {unknown}, which the table does not have")
        registry.add_recognizer(recognizer)
    return AnalyzerEngine(registry=registry, nlp_engine=BlankEngine(), supported_languages=["en"])


def words_of(column):
    """The words of a column's name, which the analyzer takes as context."""
    return [w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", column)]


def find(analyzer, record):
    """(first byte, end, entity, score) of every result."""
    results = analyzer.analyze(text=record.text, language="en", context=words_of(record.column) or None)
    is_ascii = record.text.isascii()
    at = (lambda i: i) if is_ascii else (lambda i: len(record.text[:i].encode()))
    return [(at(r.start), at(r.end), ENTITIES[r.entity_type], r.score) for r in results if r.entity_type in ENTITIES]
