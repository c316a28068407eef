-- Which verdicts have been given since a moment, on outputs of which service?
--
-- Gold answers test the reviewer, not the output, and are left out; so is what was skipped or erased.
select
    review_id,
    output_id,
    toString(reading) as reading,
    toString(reviewer) as reviewer,
    toString(verdict) as verdict,
    arrayMap(mode -> toString(mode), modes) as modes,
    reviewed_at,
    toString(spans.service) as service,
    spans.response_id as response_id
from reviews as said final
left join
(
    select concat(trace_id, '-', span_id) as output_id, service, response_id
    from output_facts final
    where present and trace_id in (select substring(output_id, 1, 32) from reviews)
) as spans on spans.output_id = said.output_id
where
    reading != 'gold'
    and verdict in ('good', 'bad', 'unsure', 'unreadable')
    and reviewed_at >= {since:DateTime64(3, 'UTC')}
order by reviewed_at, review_id
