-- Has someone else this output on the screen, or has it been read since it was looked for?
--
-- A lease ends at its time, or when its reviewer has said something.
select
    (
        select count()
        from
        (
            select
                reviewer,
                min(leased_at) as began
            from review_leases
            where
                output_id = {output_id:String}
                and reading = {reading:String}
                and lease_id != {lease_id:String}
            group by lease_id, reviewer
            having min(until) > {as_of:DateTime64(3, 'UTC')}
        ) as leases
        left join
        (
            select reviewer, max(reviewed_at) as said_at
            from reviews
            where output_id = {output_id:String} and reading = {reading:String}
            group by reviewer
        ) as said using (reviewer)
        where said_at < began
    ) as leases,
    (
        select count()
        from reviews
        where
            output_id = {output_id:String}
            and reading = {reading:String}
            and verdict != 'skipped'
            and
            (
                reading in ('first', 'second')
                or (reading = 'extra' and reviewed_at > {as_of:DateTime64(3, 'UTC')} - interval 1 minute)
            )
    ) as labels,
    leases + labels > 0 as is_taken
