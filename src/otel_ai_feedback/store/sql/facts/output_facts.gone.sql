-- Of which of some traces is nothing known any more?
select arrayJoin({names:Array(String)}) as name
where name not in
(
    select trace_id
    from output_state
    where
        output_day >= {since:Date}
        and output_day <= {until:Date}
        and trace_id in {names:Array(String)}
)
