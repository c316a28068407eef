-- Of which of some user actions is nothing known any more?
select arrayJoin({names:Array(String)}) as name
where name not in
(
    select action_id
    from action_state
    where action_id in {names:Array(String)}
)
