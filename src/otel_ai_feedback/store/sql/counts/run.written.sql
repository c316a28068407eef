-- On which days were outputs or user actions written since the jobs last ran, and on which have outputs matured?
--
-- An output that was written may have moved from another day. `of_output` is false for days of actions.
select distinct arrayJoin([day, previous_day]) as day, true as of_output
from output_facts
where written_at >= {last_run:DateTime64(3, 'UTC')}
union all
select distinct day, true as of_output
from output_facts
where
    matured_at <= {as_of:DateTime64(3, 'UTC')}
    and matured_at > {looked_to:DateTime64(3, 'UTC')}
union all
select distinct day, false as of_output
from linked_actions
where written_at >= {last_run:DateTime64(3, 'UTC')}
