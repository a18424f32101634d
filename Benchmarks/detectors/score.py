"""Precision, recall and F1 of findings against known spans."""

from collections import defaultdict


class Score:
    def __init__(self):
        self.true, self.false, self.missed = 0, 0, 0

    @property
    def precision(self):
        return self.true / (self.true + self.false) if self.true + self.false else 1.0

    @property
    def recall(self):
        return self.true / (self.true + self.missed) if self.true + self.missed else 1.0

    @property
    def f1(self):
        p, r = self.precision, self.recall
        return 2 * p * r / (p + r) if p + r else 0.0


def overlap(a, b):
    """What two spans share, of what they cover together."""
    common = min(a[1], b[1]) - max(a[0], b[0])
    return common / (max(a[1], b[1]) - min(a[0], b[0])) if common > 0 else 0.0


def score(records, findings, mapping=lambda entity: entity):
    """A finding is right when a span of its entity, that no other finding was matched with, shares at least half of what both
    cover. Spans without a finding are missed; findings without a span are false.

    findings: for each record (start, end, entity)."""
    scores = defaultdict(Score)
    for record, found in zip(records, findings):
        spans = [(s, e, mapping(n)) for s, e, n in record.spans]
        pairs = sorted(
            ((overlap(s, f), i, j) for i, s in enumerate(spans) for j, f in enumerate(found) if s[2] == f[2]), reverse=True)
        taken, used = set(), set()
        for share, i, j in pairs:
            if share >= 0.5 and i not in taken and j not in used:
                taken.add(i)
                used.add(j)
                scores[spans[i][2]].true += 1
        for i, span in enumerate(spans):
            if i not in taken:
                scores[span[2]].missed += 1
        for j, finding in enumerate(found):
            if j not in used:
                scores[finding[2]].false += 1
    return scores


def best_threshold(records, findings, entity, mapping):
    """The score threshold at which the findings' F1 of an entity is best."""
    best = None
    levels = sorted({f[3] for found in findings for f in found if f[2] == entity} | {0.0})
    for level in levels:
        kept = [[f[:3] for f in found if f[2] == entity and f[3] >= level] for found in findings]
        result = score(records, kept, mapping)[entity]
        if best is None or result.f1 > best[1].f1:
            best = (level, result)
    return best
