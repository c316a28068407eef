-- How many outputs and actions of each day have which property, as last counted?
--
-- The columns of `daily_attribute_counts_within`, of each day from its current computation.
select
    day,
    service,
    environment,
    feature,
    toString(kind) as kind,
    toString(value) as value,
    first_time,
    items,
    total_weight,
    min_weight,
    max_weight
from facts_daily
where (day, version) in
(
    select day, version
    from rollup_days final
    where rollup = 'facts'
)
