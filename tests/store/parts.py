"""Parts of the jobs, for tests that ask nothing of the others: each costs seconds."""

from otel_ai_feedback.store import jobs, rollups


def derive(client, as_of=None):
    """Links, delivery rules and derived actions: all that outputs and actions rest on."""
    this = jobs.begin(client, as_of)
    gained = jobs.derive(this)
    rollups.finish(this)
    return gained


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
