-- All of that is current.
insert into rollup_days
select
    rollup_and_day.1 as rollup,
    rollup_and_day.2 as day,
    1 as version,
    1 as frozen,
    now64(3, 'UTC') as as_of,
    now64(3, 'UTC') as began_at,
    now64(3, 'UTC') as due_at
from numbers({days:UInt32} + 1)
array join
[
    ('signals', today() - number),
    ('histograms', today() - number),
    ('returning', toMonday(today() - number)),
    ('jobs', toDate('1970-01-01'))
] as rollup_and_day
