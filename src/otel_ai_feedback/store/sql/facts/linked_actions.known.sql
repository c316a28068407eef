-- What do facts say of some user actions so far?
select day, action_id, present, content
from linked_actions final
where action_id in {actions:Array(String)}
