-- On which UTC day, up to a given one, were the newest outputs made?
select output_day as day
from output_facts
where
    output_day <= {until:Date}
    and present
order by output_day desc
limit 1
