-- What did people say of outputs since a day, for a file?
select *
from reviewed_outputs_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date})
order by day, output_id
