-- What do facts say of some user actions so far?
select day, action_id, present or excluded != '' as stands, content
from linked_actions final
where action_id in {actions:Array(String)}
