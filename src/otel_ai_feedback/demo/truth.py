"""What the demo knows for certain, because it was there."""

from __future__ import annotations

from dataclasses import dataclass, field

from otel_ai_feedback.attributes import ActionName
from otel_ai_feedback.demo.people import Act, Turn


@dataclass
class Truth:
    """Which outputs were made, and the user actions on each.

    Attributes:
        outputs: The turn in which each output was made, by output id.
        actions: The output each recorded action was done to, by action id.
        repeated: Outputs that were asked for again, and how.
    """

    outputs: dict[str, Turn] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=dict)
    repeated: set[tuple[str, ActionName]] = field(default_factory=set)

    def made(self, output_id: str, turn: Turn) -> None:
        """An output was made in this turn."""
        self.outputs[output_id] = turn
        if turn.follow_up is not None:
            self.repeated.add((output_id, turn.follow_up))

    def done(self, action_id: str, output_id: str, act: Act) -> None:
        """Something was done with an output."""
        if action_id in self.actions:
            raise ValueError(f"{act.action} {act.action_id} has the id of another action")
        self.actions[action_id] = output_id
