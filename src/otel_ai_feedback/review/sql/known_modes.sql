-- Which failure modes are there, the most frequent first?
select mode, definition, examples, other_names, labels, author
from failure_mode_list_at(as_of = now64(3, 'UTC'))
order by labels desc, mode
