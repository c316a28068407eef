-- Which segments of each feature have changed, and which changes are significant?
-- Now: Which segments of each feature have changed, and which changes are significant, as known now?
-- Kept: when changed, 30 minutes
--
-- `segment_changes_at` with q by Benjamini and Hochberg (1995): of the rows with q up to .05, one in
-- twenty is expected to be luck, however many segments are looked at. All rows of the store are one
-- family.
select
    service,
    environment,
    feature,
    series,
    segment_kind,
    segment,
    k,
    n,
    rate,
    reference,
    compared_with,
    z,
    p_value,
    if(
        p_value is null,
        null,
        min(p_value * tests / place) over
        (order by place desc rows between unbounded preceding and current row)
    ) as q_value,
    declared
from
(
    select
        *,
        countIf(p_value is not null) over () as tests,
        row_number() over (order by p_value asc nulls last) as place
    from segment_changes_at(as_of = {as_of:DateTime64(3, 'UTC')})
)
