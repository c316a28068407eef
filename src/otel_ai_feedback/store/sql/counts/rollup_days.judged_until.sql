-- To which moment did the computations of a rollup look, and up to which day were they made?
select
    max(rollup_days.as_of) as as_of,
    max(rollup_days.day) as day
from rollup_days
where rollup = {rollup:String}
