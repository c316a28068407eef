-- Links found afterwards for the actions of a user, or to the outputs made for them.
select count()
from late_links
where
    action_id in (select action_id from action_state where subject = {subject:String})
    or trace_id in (select trace_id from output_state where subject = {subject:String})
