-- What changed that can move a signal: model, release, prompt version, or what counts as delivered?
--
-- One row is one change in one group, at its first output that shows it. A value is a change when the
-- group had outputs before, but for 7 days none with it: rolling back to an old release a week later
-- is one too. `delivery_rule` is the rule of the day, which decides what is counted; a change of it
-- is no news about the answers.
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
        from daily_attribute_counts_at(as_of = {as_of:DateTime64(3, 'UTC')})
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
