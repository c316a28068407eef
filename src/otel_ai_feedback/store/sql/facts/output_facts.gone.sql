-- Of which of some traces is nothing known any more?
select arrayJoin({traces:Array(String)}) as trace
where trace not in
(
    select trace_id
    from output_state
    where
        output_day >= {since:Date}
        and output_day <= {until:Date}
        and trace_id in {traces:Array(String)}
)
