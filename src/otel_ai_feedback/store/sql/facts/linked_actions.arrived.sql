-- How many actions have arrived or were linked since some moment, and how many outputs were written?
select
    (
        select count()
        from action_state
        where arrived >= {arrived:DateTime('UTC')}
    )
    +
    (
        select count()
        from late_links
        where
            precedence
            <= -toUnixTimestamp64Nano(toDateTime64({arrived:DateTime('UTC')}, 9, 'UTC'))
    ) as actions,
    (
        select count()
        from output_facts
        where written_at >= {written:DateTime64(6, 'UTC')}
    ) as outputs
