-- What changed that can move a signal without answers getting better or worse, as last counted?
--
-- As `annotations_at`, from what the jobs have counted.
with
    compared as
    (
        select
            *,
            max(day) over
            (
                partition by service, environment, feature, kind, value
                order by day range between 7 preceding and 1 preceding
            ) as last_day_with_it,
            min(day) over (partition by service, environment, feature) as first_day,
            if(
                kind = 'delivery_rule',
                lagInFrame(value) over
                (
                    partition by service, environment, feature, kind
                    order by day
                    rows between 1 preceding and current row
                ),
                ''
            ) as value_before
        from daily_attribute_counts
        where kind in ('model', 'release', 'prompt_version', 'delivery_rule')
    )
select
    first_time as time,
    kind,
    if(
        kind = 'delivery_rule',
        concat('delivered means ', value, ', was ', value_before),
        concat(replaceAll(kind, '_', ' '), ' ', value)
    ) as text,
    service,
    environment,
    feature
from compared
where
    value != ''
    and day > first_day
    and if(
        kind = 'delivery_rule',
        value != value_before,
        last_day_with_it = toDate('1970-01-01')
    )
