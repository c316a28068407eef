"""The SQL of this package: one statement a file, read as it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

# In the order of creation: each reads only what stands above it.
VIEWS: Final = (
    "output_spans",
    "repeated_spans_within",
    "request_answers_within",
    "output_candidates_within",
    "delivery_evidence_within",
    "outputs_of_traces_within",
    "outputs_within",
    "outputs_at",
    "outputs",
    "turn_pairs_within",
    "turn_pairs_at",
    "turn_pairs",
    "actions_of_traces_within",
    "actions_within",
    "actions_at",
    "actions",
    "facts_within",
    "facts_at",
    "facts",
    "links_at",
    "links",
    "returning_within",
    "returning_at",
    "returning",
    "signals_within",
    "signals_at",
    "signals",
    "signals_by_day_within",
    "signal_rates_at",
    "signal_rates_within",
    "signal_rates",
    "sampling_at",
    "sampling",
    "annotations_at",
    "annotations",
    "level_starts_at",
    "series_parts_within",
    "series_counts_at",
    "drift_mode_at",
    "drift_steps_within",
    "drift_anew_within",
    "drift_at",
    "drift_within",
    "drift",
    "drift_psi_at",
    "drift_psi",
    "outputs_per_subject",
    "last_class_before_leaving",
    "segment_changes_at",
    "segments_at",
    "segments",
    "series_hours_within",
    "outage_hours_at",
    "outages_at",
    "outages",
    "frozen_days",
    "strata_counts",
    "draw_rotation",
    "review_draw",
    "review_leases_at",
    "review_queue_at",
    "review_queue",
    "review_extra_at",
    "review_extra",
    "labels_within",
    "labels_at",
    "drawn_labels_within",
    "review_cuts_at",
    "review_capacity_at",
    "review_capacity",
    "review_debt_at",
    "review_debt",
    "quality_cells_within",
    "mode_names_at",
    "named_labels_within",
    "share_cells_within",
    "shares_within",
    "quality_anew_within",
    "quality_at",
    "quality_within",
    "quality",
    "quality_pooled_at",
    "quality_pooled",
    "signal_calibration_at",
    "signal_calibration",
    "mode_counts_anew_within",
    "uncounted_modes_since_at",
    "mode_counts_at",
    "failure_modes_at",
    "failure_modes",
    "untested_at",
    "untested",
    "failure_mode_list_at",
    "failure_mode_list",
    "failure_mode_states_at",
    "failure_mode_states",
    "unseen_modes_at",
    "unseen_modes",
    "reading_pairs_at",
    "agreement_measures_at",
    "reviewer_agreement_at",
    "reviewer_agreement",
    "gold_items_at",
    "gold_results_at",
    "gold_results",
    "reviewer_mix_at",
    "reviewer_mix",
    "signal_meaning_at",
    "signal_meaning",
    "incidents_at",
    "incidents",
    "triage_open_at",
    "triage_open",
    "notifications_at",
    "notifications",
    "loop_alarms",
    "loop_traffic_at",
    "loop_links_at",
    "loop_service_at",
    "loop_review_at",
    "loop_triage_at",
    "loop_health_at",
    "loop_health",
    "incident_rounds_at",
    "incident_rounds",
    "response_times_at",
    "response_times",
    "triage_response",
    "incident_causes_at",
    "incident_causes",
    "repeat_offenders_at",
    "repeat_offenders",
)

RETIRED_VIEWS: Final = (
    "drift_daily_at",
    "drift_weekly_at",
    "named_labels_at",
    "output_candidates_at",
    "output_resolution_at",
    "quality_cells_at",
    "share_cells_at",
    "shares_at",
)
"""Views that an earlier version made and this one does without; `migrate` drops them."""


@dataclass(frozen=True)
class Statement:
    """A statement and the file that it is in.

    Attributes:
        name: Name of the file without its ending, ``0001_otel_traces`` or ``outputs_at``.
        text: The statement with the comments above it.
    """

    name: str
    text: str

    @property
    def checksum(self) -> str:
        """Identity of the text, as recorded in the store."""
        return sha256(self.text.encode()).hexdigest()[:32]

    @property
    def question(self) -> str:
        """First line of the comment: what a view answers, what a migration makes."""
        return self.text.partition("\n")[0].removeprefix("--").strip()


@cache
def statement(name: str) -> Statement:
    """Read a statement.

    Args:
        name: Path below ``sql/`` without the ending, for example ``views/outputs_at``.

    Raises:
        KeyError: There is no such statement.
    """
    file = files(__package__) / "sql" / f"{name}.sql"
    if not file.is_file():
        raise KeyError(name)
    return Statement(name.rpartition("/")[2], file.read_text(encoding="utf-8"))


@cache
def migrations() -> tuple[Statement, ...]:
    """Every migration, by number."""
    folder = files(__package__) / "sql/migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return tuple(statement(f"migrations/{name.removesuffix('.sql')}") for name in names)


@cache
def views() -> tuple[Statement, ...]:
    """Every view, in the order of creation."""
    return tuple(statement(f"views/{name}") for name in VIEWS)
