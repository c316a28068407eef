"""Parts of the jobs, for tests that ask nothing of the others: each costs seconds.

``EXAMPLES=20 pytest tests/store`` tries twenty times as many histories, clocks and samplings.
"""

import os

from hypothesis import HealthCheck, settings

from otel_ai_feedback.store import jobs, rollups

TIMES = int(os.environ.get("EXAMPLES", "1"))


def examples(number):
    """Settings of a test whose every example runs jobs over a store."""
    return settings(max_examples=number * TIMES, suppress_health_check=list(HealthCheck))


def derive(client, as_of=None):
    """Links, delivery rules and derived actions: all that outputs and actions rest on."""
    return jobs.derive(jobs.begin(client, as_of))


def count(client, as_of=None):
    """Also rates and facts of every day: no histograms, closed weeks and judgements."""
    this = jobs.begin(client, as_of)
    gained = jobs.derive(this)
    rollups.count_days(this)
    rollups.finish(this)
    return gained


def spread(client, as_of=None):
    """Rates and facts of every day, and how outputs are spread."""
    this = jobs.begin(client, as_of)
    rollups.count_days(this)
    rollups.refresh_histograms(this)
    rollups.finish(this)


def histograms(client, as_of=None):
    """How outputs of the days that were counted are spread."""
    rollups.refresh_histograms(jobs.begin(client, as_of))


def weeks(client, as_of=None):
    """Who came back, and who stayed away."""
    this = jobs.begin(client, as_of)
    rollups.refresh_weeks(this)
    rollups.finish(this)
