-- How long did it take to acknowledge and resolve each incident, each time it was open, and was that in time?
-- Now: How long does it take to acknowledge and resolve each incident, each time it is open, and is that in time?
--
-- One row per incident and round (a fix that did not help opens it again). `owner` owned it when the round
-- began, regardless of who acknowledged it. `..._in_time` is empty while the deadline has not passed and no one has
-- responded.
with
    events as
    (
        select
            *,
            countIf(kind in ('opened', 'reopened')) over
                (partition by incident_id order by at rows between unbounded preceding and current row)
                as event_round
        from incident_events final
        where at <= {as_of:DateTime64(3, 'UTC')}
    ),
    rounds as
    (
        select
            incident_id,
            event_round as round,
            min(at) as opened_at,
            argMinIf(events.owner, at, kind in ('opened', 'reopened')) as owner,
            argMinIf(events.acknowledge_due, at, kind in ('opened', 'reopened')) as acknowledge_due,
            argMinIf(events.resolve_due, at, kind in ('opened', 'reopened')) as resolve_due,
            minIf(toNullable(at), kind in ('acknowledged', 'started', 'resolved', 'accepted'))
                as acknowledged_at,
            maxIf(toNullable(at), kind in ('resolved', 'accepted')) as resolved_at,
            argMaxIf(kind, at, kind in ('resolved', 'accepted')) as ended_as,
            argMaxIf(events.cause, at, kind = 'resolved') as cause,
            argMaxIf(kind, at, kind in ('confirmed', 'not_confirmed')) as outcome
        from events
        group by incident_id, event_round
    )
select
    incident_id,
    round,
    known.service as service,
    known.environment as environment,
    known.feature as feature,
    known.rule as rule,
    known.series as series,
    known.severity as severity,
    rounds.owner as owner,
    rounds.opened_at as opened_at,
    rounds.acknowledge_due as acknowledge_due,
    rounds.resolve_due as resolve_due,
    rounds.acknowledged_at as acknowledged_at,
    rounds.resolved_at as resolved_at,
    ended_as,
    rounds.cause as cause,
    rounds.outcome as outcome,
    dateDiff('millisecond', rounds.opened_at, rounds.acknowledged_at) / 1000 as acknowledge_seconds,
    dateDiff('millisecond', rounds.opened_at, rounds.resolved_at) / 1000 as resolve_seconds,
    multiIf(
        rounds.acknowledged_at <= rounds.acknowledge_due, true,
        rounds.acknowledge_due < {as_of:DateTime64(3, 'UTC')}, false,
        null
    ) as acknowledged_in_time,
    multiIf(
        rounds.resolved_at <= rounds.resolve_due, true,
        rounds.resolve_due < {as_of:DateTime64(3, 'UTC')}, false,
        null
    ) as resolved_in_time
from rounds
join incidents_at(as_of = {as_of:DateTime64(3, 'UTC')}) as known
    on known.incident_id = rounds.incident_id
