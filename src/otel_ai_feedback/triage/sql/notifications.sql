-- Who was notified of which incidents, and was it delivered, the newest last?
select *
from notifications_at(as_of = {as_of:DateTime64(3, 'UTC')})
where
    (empty({incident_ids:Array(String)}) or has({incident_ids:Array(String)}, incident_id))
    and (empty({states:Array(String)}) or has({states:Array(String)}, state))
order by due_at, first_tried_at, notification_id
