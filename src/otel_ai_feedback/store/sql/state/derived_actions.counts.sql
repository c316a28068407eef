-- How much have the jobs derived so far of some days?
select
    (
        select count()
        from derived_actions final
        where action = 'reask' and output_day >= {since:Date} and output_day <= {until:Date}
    ) as reask,
    (
        select count()
        from derived_actions final
        where action = 'regenerate' and output_day >= {since:Date} and output_day <= {until:Date}
    ) as regenerate,
    (
        select count()
        from delivery_rules final
        where day >= {since:Date} and day <= {until:Date}
    ) as delivery_rules
