-- When did the jobs last run, and which days have been counted, as of when, and until when may they change?
select rollup, day, frozen, as_of, began_at, due_at
from rollup_days final
where rollup in ('jobs', 'signals')
