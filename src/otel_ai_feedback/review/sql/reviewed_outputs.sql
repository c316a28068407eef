-- What did people say of outputs since a day, for a file?
select *
from reviewed_outputs_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}) as found
left any join (select review_id, note from reviews final) as said using (review_id)
order by day, output_id
