-- What did the store make of the doctor's spans, and does a view show any of it?
select
    (
        select count()
        from output_state
        where output_day = {day:Date} and trace_id = {trace_id:String} and tagged = 1
    ) as outputs,
    (
        select count()
        from action_state
        where output_day = {day:Date} and linked_trace_id = {trace_id:String}
    ) as actions,
    (
        select dateDiff('millisecond', min(ended), min(ingested))
        from output_state
        where output_day = {day:Date} and trace_id = {trace_id:String} and tagged = 1
    ) as delay_ms,
    (
        select count()
        from output_facts final
        where present and output_day = {day:Date} and trace_id = {trace_id:String}
    ) as shown
