-- On which UTC day, up to a given one, were the newest LLM spans made?
select output_day as day
from output_state
where
    output_day <= {until:Date}
    and tagged = 1
order by output_day desc
limit 1
