-- Of which of some user actions is nothing known any more?
select arrayJoin({actions:Array(String)}) as action
where action not in
(
    select action_id
    from action_state
    where action_id in {actions:Array(String)}
)
