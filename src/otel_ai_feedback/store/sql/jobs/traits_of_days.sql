-- Do the outputs of some days have conversations to pair turns of, or subjects who may come back?
--
-- Asked of more days than those: what an output lacks may stand on another span of its trace, and a
-- week is compared with the one before. An action that was derived before may have to be taken back.
select
    (
        select count()
        from
        (
            select 1
            from output_state
            where
                conversation_id != ''
                and output_day >= toDate(greatest(toInt32({since:Date}) - 12, 0))
                and output_day <= toDate(least(toInt32({until:Date}) + 12, 65535))
            limit 1
        )
    ) > 0
    or
    (
        select count()
        from derived_actions
        where output_day >= {since:Date} and output_day <= {until:Date}
    ) > 0 as conversations,
    (
        select count()
        from
        (
            select 1
            from output_state
            where
                subject != ''
                and output_day >= toDate(greatest(toInt32({since:Date}) - 12, 0))
                and output_day <= toDate(least(toInt32({until:Date}) + 12, 65535))
            limit 1
        )
    ) > 0 as subjects
