-- How many outputs may each of some days have?
--
-- An output counts once for each version of it that was not merged yet.
select day, count() as outputs
from output_facts
where day >= {since:Date} and day <= {until:Date}
group by day
