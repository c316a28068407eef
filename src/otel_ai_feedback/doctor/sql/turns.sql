-- How many seconds ago did each part of `serve` last succeed; null when it never has?
--
-- From the heartbeats, which are written once a minute, and for the jobs also from what they have computed.
select
    part,
    dateDiff('second', maxOrNull(worked_at), now64(3, 'UTC')) as seconds
from
(
    select part, maxOrNull(if(accepted > 0, time, null)) as worked_at
    from heartbeats
    group by part
    union all
    select 'jobs', began_at
    from rollup_days final
    where rollup = 'jobs'
)
group by part
order by part
