-- Which failure modes does each feature have, since when, and is a closed one back?
-- Now: Which failure modes does each feature have, since when, and is a closed one back?
-- Kept: when changed, 5 minutes
--
-- Over all labels of sampled outputs. `is_new`: first seen on an output of the last 28 days, when the
-- feature had been reviewed for four weeks: in its first four every mode is seen first, and none is news on
-- the day on which they end. A closed mode that is named on an output made on a later day is open again
-- (`is_recurring`), until it is closed or reopened.
with
    {{today}} as today,
    names as
    (
        select alias, mode
        from mode_names_at(as_of = {as_of:DateTime64(3, 'UTC')})
    ),
    decisions as
    (
        select
            if(names.mode = '', changed.mode, names.mode) as mode,
            changed.service as service,
            true as is_decision,
            change = 'close' as closes,
            changed_at,
            change_id
        from mode_changes as changed
        left join names on names.alias = changed.mode
        where change in ('close', 'reopen') and changed_at <= {as_of:DateTime64(3, 'UTC')}
    ),
    -- a row without a mode is of all labels of the group
    seen as
    (
        select
            service,
            environment,
            feature,
            arrayJoin(arrayConcat([''], modes)) as mode,
            sum(counts.labels) as labels,
            min(counts.first_seen) as first_seen,
            max(counts.last_seen) as last_seen,
            min(first_seen) over (partition by service, environment, feature) as first_labelled
        from mode_counts_at(as_of = {as_of:DateTime64(3, 'UTC')}) as counts
        group by service, environment, feature, mode
    ),
    judged as
    (
        with is_decision and decisions.service in ('', seen.service) as is_of_service
        select
            seen.service as service,
            seen.environment as environment,
            seen.feature as feature,
            seen.mode as mode,
            any(seen.labels) as labels,
            any(seen.first_seen) as first_seen,
            any(seen.last_seen) as last_seen,
            any(seen.first_labelled) as first_labelled,
            argMaxIf(closes, (changed_at, change_id), is_of_service) as is_closed,
            maxIf(changed_at, is_of_service) as decided_at
        from seen
        left join decisions on decisions.mode = seen.mode
        where seen.mode != ''
        group by service, environment, feature, mode
    )
select
    service,
    environment,
    feature,
    mode,
    if(is_closed, toNullable(decided_at), null) as closed_at,
    toUInt8(ifNull(last_seen > toDate(
        closed_at,
        {{zone}}
    ), false)) as is_recurring,
    if(closed_at is null or is_recurring, 'open', 'closed') as state,
    labels,
    first_seen,
    last_seen,
    toUInt8(
        first_seen > today - 28 and first_seen >= first_labelled + 28
    ) as is_new
from judged
