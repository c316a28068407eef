-- Of which closed days are the histograms missing, to be counted again, or older than what was tested?
--
-- A day is counted 65 minutes after it has ended, and again a day and a week later, for what was late;
-- the last 28 days also when reference prompts were imported. 70 days are more than any comparison needs.
with
    {{zone}} as zone,
    (select max(version) from reference_prompts) as tested_version
select
    days.day as day,
    toDateTime64(
        multiIf(
            age <= 1, {as_of:DateTime64(3, 'UTC')} + interval 1 day,
            age < 8, {as_of:DateTime64(3, 'UTC')} + toIntervalDay(8 - age),
            {as_of:DateTime64(3, 'UTC')}
        ),
        3,
        'UTC'
    ) as due_again
from
(
    select
        day,
        max(day) over () as newest,
        toDate({as_of:DateTime64(3, 'UTC')}, zone) - day as age
    from rollup_days final
    where rollup = 'signals'
) as days
left join
(
    select day, version, as_of, due_at, true as counted
    from rollup_days final
    where rollup = 'histograms'
) as done on done.day = days.day
where
    days.day >= newest - 70
    and toDateTime(days.day + 1, zone) + interval 65 minute <= {as_of:DateTime64(3, 'UTC')}
    and
    (
        not done.counted
        or (done.as_of < done.due_at and done.due_at <= {as_of:DateTime64(3, 'UTC')})
        or (
            days.day >= newest - 28
            and done.version < tested_version
            and done.as_of <= {as_of:DateTime64(3, 'UTC')}
        )
    )
order by day
