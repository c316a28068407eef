-- Which failure modes are there to choose from, the most frequent of late first?
select
    mode,
    definition,
    other_names
from failure_mode_list_at(as_of = {as_of:DateTime64(3, 'UTC')})
where mode != 'unnamed'
order by labels desc, mode
limit 200
