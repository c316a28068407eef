-- Which failure modes does each group have, since when, and is one back that was closed?
--
-- Over all labels of drawn outputs. `is_new`: first seen on an output of the last 28 days, in a
-- group that has been read for longer. A closed mode that is named on an output made on a later day
-- is open again (`is_recurring`), until somebody closes or reopens it.
with
    toDate(
        {as_of:DateTime64(3, 'UTC')},
        coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
    ) as today,
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
            change,
            changed_at,
            change_id
        from mode_changes as changed
        left join names on names.alias = changed.mode
        where change in ('close', 'reopen') and changed_at <= {as_of:DateTime64(3, 'UTC')}
    ),
    labelled as
    (
        select service, environment, feature, min(day) as first_labelled
        from drawn_labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01')
        where label in ('good', 'bad')
        group by service, environment, feature
    ),
    seen as
    (
        select
            service,
            environment,
            feature,
            mode,
            uniqExact(output_id) as labels,
            min(day) as first_seen,
            max(day) as last_seen
        from named_labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01')
        group by service, environment, feature, mode
    ),
    decided as
    (
        select
            seen.service as service,
            seen.environment as environment,
            seen.feature as feature,
            seen.mode as mode,
            argMax(change, (changed_at, change_id)) as last_change,
            max(changed_at) as decided_at
        from seen
        join decisions on decisions.mode = seen.mode
        where decisions.service in ('', seen.service)
        group by service, environment, feature, mode
    )
select
    seen.service as service,
    seen.environment as environment,
    seen.feature as feature,
    seen.mode as mode,
    if(decided.last_change = 'close', toNullable(decided.decided_at), null) as closed_at,
    toUInt8(ifNull(seen.last_seen > toDate(
        closed_at,
        coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
    ), false)) as is_recurring,
    if(closed_at is null or is_recurring, 'open', 'closed') as state,
    seen.labels as labels,
    seen.first_seen as first_seen,
    seen.last_seen as last_seen,
    toUInt8(seen.first_seen > today - 28 and labelled.first_labelled <= today - 28) as is_new
from seen
join labelled
    on labelled.service = seen.service and labelled.environment = seen.environment
    and labelled.feature = seen.feature
left join decided
    on decided.service = seen.service and decided.environment = seen.environment
    and decided.feature = seen.feature and decided.mode = seen.mode
