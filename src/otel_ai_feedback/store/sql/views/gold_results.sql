-- How often does a reviewer say otherwise than three people who agreed, as known now?
select *
from gold_results_at(as_of = now64(3, 'UTC'))
