"""Triage: every alarm becomes an incident with a named owner and a deadline, and somebody answers.

``triage.yaml`` says who (:mod:`.file`, :mod:`.model`), :mod:`.incidents` keeps what happened,
:mod:`.escalation` says what is due while nobody answers, and :mod:`.delivery` tells people.
"""
