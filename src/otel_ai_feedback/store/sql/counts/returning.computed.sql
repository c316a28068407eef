-- Of which weeks has it been counted who came back, and when is that to be done again?
select
    day,
    as_of,
    due_at
from rollup_days final
where rollup = 'returning'
