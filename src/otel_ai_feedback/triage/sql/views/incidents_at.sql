-- Which incidents were there at a given time, in which state, and who owned them?
-- Now: Which incidents are there, in which state, and who owns them?
--
-- Folded from `incident_events`. A reopened incident starts a new round: its acknowledgement, its
-- resolution and both deadlines are those of the last one. `on_duty` owned it first in this round.
-- `alert` is the latest text of its alert, and empty where a person reported it. `due_at` is the deadline that runs; `overdue` says that
-- it has passed.
with
    events as
    (
        select *
        from incident_events final
        where at <= {as_of:DateTime64(3, 'UTC')}
    ),
    rounds as
    (
        select
            incident_id,
            max(at) as round_at
        from events
        where kind in ('opened', 'reopened')
        group by incident_id
    ),
    folded as
    (
        select
            incident_id,
            anyIf(events.service, kind = 'opened') as service,
            anyIf(events.environment, kind = 'opened') as environment,
            anyIf(events.feature, kind = 'opened') as feature,
            anyIf(events.rule, kind = 'opened') as rule,
            anyIf(events.severity, kind = 'opened') as severity,
            anyIf(events.series, kind = 'opened') as series,
            anyIf(events.direction, kind = 'opened') as direction,
            anyIf(events.segment_kind, kind = 'opened') as segment_kind,
            anyIf(events.segment, kind = 'opened') as segment,
            anyIf(events.source, kind = 'opened') as source,
            argMaxIf(
                transform(
                    kind,
                    ['opened', 'reopened', 'acknowledged', 'started', 'resolved', 'accepted'],
                    ['open', 'open', 'acknowledged', 'in_progress', 'resolved', 'accepted'],
                    ''
                ),
                at,
                kind in ('opened', 'reopened', 'acknowledged', 'started', 'resolved', 'accepted')
            ) as state,
            argMaxIf(events.owner, at, events.owner != '') as owner,
            argMaxIf(events.rota, at, events.rota != '') as rota,
            argMaxIf(events.owner, at, kind in ('opened', 'reopened')) as on_duty,
            min(at) as opened_at,
            any(rounds.round_at) as round_at,
            countIf(kind in ('opened', 'reopened')) as round,
            argMaxIf(events.acknowledge_due, at, kind in ('opened', 'reopened')) as acknowledge_due,
            argMaxIf(events.resolve_due, at, kind in ('opened', 'reopened')) as resolve_due,
            minIf(
                toNullable(at),
                kind in ('acknowledged', 'started', 'resolved', 'accepted') and at > rounds.round_at
            ) as acknowledged_at,
            argMinIf(
                author,
                at,
                kind in ('acknowledged', 'started', 'resolved', 'accepted') and at > rounds.round_at
            ) as acknowledged_by,
            maxIf(toNullable(at), kind in ('resolved', 'accepted') and at > rounds.round_at)
                as resolved_at,
            argMaxIf(author, at, kind in ('resolved', 'accepted') and at > rounds.round_at)
                as resolved_by,
            argMaxIf(events.cause, at, kind = 'resolved') as cause,
            argMaxIf(events.moves, at, kind = 'resolved') as moves,
            argMaxIf(events.check_day, at, kind = 'resolved') as check_day,
            argMaxIf(kind, at, kind in ('confirmed', 'not_confirmed') and at > rounds.round_at)
                as outcome,
            argMaxIf(
                if(kind = 'alert_resolved', 'resolved', 'firing'),
                at,
                kind in ('opened', 'repeated', 'alert_resolved')
                    and author in ('grafana', 'check')
            ) as alert,
            maxIf(at, kind in ('opened', 'repeated')) as last_fired_at,
            countIf(kind = 'repeated') as repeats,
            max(at) as changed_at
        from events
        join rounds using (incident_id)
        group by incident_id
    )
select
    *,
    state in ('open', 'acknowledged', 'in_progress') as open,
    multiIf(state = 'open', acknowledge_due, open, resolve_due, null) as due_at,
    ifNull(due_at < {as_of:DateTime64(3, 'UTC')}, false) as overdue
from folded
