-- On how many sampled outputs of each week have reviewers named which failure modes together, at a given time?
--
-- Modes by the names that they had at that time. Weeks that the jobs have kept are read, those since the
-- first week that was not kept by then are counted again.
with
    (
        select cast((groupArray(alias), groupArray(mode)), 'Map(String, String)')
        from mode_names_at(as_of = {as_of:DateTime64(3, 'UTC')})
    ) as names
select
    week,
    service,
    environment,
    feature,
    arrayDistinct(arrayMap(alias -> coalesce(nullIf(names[alias], ''), alias), named)) as modes,
    labels,
    first_seen,
    last_seen
from
(
    select
        week,
        service,
        environment,
        feature,
        arrayMap(mode -> toString(mode), modes) as named,
        labels,
        first_seen,
        last_seen
    from mode_counts_weekly
    where
        (week, version) in
        (
            select day, version
            from rollup_days final
            where rollup = 'modes' and rollup_days.as_of <= {as_of:DateTime64(3, 'UTC')}
        )
        and week <
        (
            select first_week from uncounted_modes_since_at(as_of = {as_of:DateTime64(3, 'UTC')})
        )
    union all
    select *
    from mode_counts_live_within(
        as_of = {as_of:DateTime64(3, 'UTC')},
        since =
        (
            select first_week from uncounted_modes_since_at(as_of = {as_of:DateTime64(3, 'UTC')})
        )
    )
)
