"""Simulated services whose outputs were sampled, read and judged: many in three inserts."""

from datetime import datetime, timedelta, timezone

from weeks import NOW, READ_AT, read_after, spread

_AT = datetime(2026, 11, 30, tzinfo=timezone.utc)


class Worlds:
    """Collects rows of many services; ``write`` inserts them.

    Args:
        client: Of the database of the tests of review.
    """

    def __init__(self, client):
        self._client = client
        self._draws, self._reviews, self._judged, self._outputs = [], [], [], []

    def add(self, service, week, stratum, size, good, scores, buckets):
        """A class of a week, of which so many were read: whether good, and the judge's score."""
        read = len(good)
        names = [f"{service}-{week}-{stratum}-{n}" for n in range(read)]
        self._draws.append(
            [week, service, "production", "", "small", "1", stratum, 1.0, True, float(size),
             [0] * 6, 1.0, read / size, list(zip(names, spread(read), strict=True)), "run",
             READ_AT - timedelta(days=20)]
        )  # fmt: skip
        at = read_after(week)
        self._reviews += [
            [f"ann-{name}", name, "first", "ann", "good" if each else "bad", [], "", 9.0, "1", at]
            for name, each in zip(names, good, strict=True)
        ]
        self.judge(service, names, scores, buckets, week)

    def judge(self, service, names, scores, buckets, week):
        """What the judge says of outputs, read or not."""
        self._judged += [
            [week, f"judge-{name}", _AT - timedelta(days=1), "gen_ai", "span", "judge", "judge", "",
             float(score), "", name, "span", int(bucket), service, "production", ""]
            for name, score, bucket in zip(names, scores, buckets, strict=True)
        ]  # fmt: skip

    def population(self, service, week, stratum, good, scores, read, buckets):
        """A class of a week with all its outputs, each judged, of which the first are read."""
        self.add(service, week, stratum, len(good), good[:read], scores[:read], buckets[:read])
        names = [f"{service}-{week}-{stratum}-{n}" for n in range(len(good))]
        self.judge(service, names[read:], scores[read:], buckets[read:], week)
        at = datetime(week.year, week.month, week.day, 12, tzinfo=timezone.utc)
        self._outputs += [
            [service, "production", "", "small", "1", stratum, name, 1.0, "sampler", {}, True, at]
            for name in names
        ]

    def write(self):
        """Insert all of it."""
        draws = ("day", "service", "environment", "feature", "model", "release", "stratum",
                 "weight", "weight_known", "outputs", "ratings", "rate", "threshold", "drawn",
                 "run", "frozen_at")  # fmt: skip
        judged = ("day", "evaluation_id", "time", "carrier", "scope", "kind", "name", "evaluator",
                  "score", "label", "output_id", "link_method", "bucket", "service",
                  "environment", "feature")  # fmt: skip
        self._client.insert("draws", self._draws, column_names=draws)
        self._client.insert("reviews", self._reviews)
        if self._outputs:
            self._client.insert("outputs_table", self._outputs)
        self._client.insert("evaluation_facts", self._judged, column_names=judged)


def ask(client, view):
    """The rows of a view, as known after the four weeks."""
    result = client.query(f"select * from {view}(as_of = '{NOW}')")
    return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]
