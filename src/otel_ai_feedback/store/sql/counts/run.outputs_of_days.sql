-- How many outputs may each of some days have?
--
-- Days are those of UTC, and an output counts once for each part of it that was not merged yet.
select output_day as day, count() as outputs
from output_state
where output_day >= {since:Date} and output_day <= {until:Date}
group by output_day
