-- What is known of one output?
select *
from outputs
where output_id = {output_id:String}
limit 1
