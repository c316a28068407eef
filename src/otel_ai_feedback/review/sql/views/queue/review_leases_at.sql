-- Which reviewer has which output open, as known at a given time?
--
-- A lease lasts until a time, or until its reviewer gave a verdict. Where two
-- processes gave out the same output at once, the earlier lease is the one that holds.
with
    leases as
    (
        select
            lease_id,
            any(output_id) as output_id,
            any(reading) as reading,
            any(reviewer) as reviewer,
            min(leased_at) as began,
            min(until) as ends
        from review_leases
        where leased_at <= {as_of:DateTime64(3, 'UTC')}
        group by lease_id
        having ends > {as_of:DateTime64(3, 'UTC')}
    ),
    said as
    (
        select output_id, reviewer, reading, max(reviewed_at) as said_at
        from reviews
        where
            reviewed_at <= {as_of:DateTime64(3, 'UTC')}
            and output_id in (select output_id from leases)
        group by output_id, reviewer, reading
    )
select
    leases.output_id as output_id,
    leases.reading as reading,
    argMin(leases.reviewer, (began, lease_id)) as leased_by,
    argMin(lease_id, (began, lease_id)) as lease,
    argMin(ends, (began, lease_id)) as leased_until
from leases
left join said
    on said.output_id = leases.output_id and said.reviewer = leases.reviewer
    and said.reading = leases.reading
where said.said_at < began
group by leases.output_id, leases.reading
