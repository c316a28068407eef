-- Which outputs were found to be asked again or regenerated, or no longer, since some moment?
insert into output_facts
select
    f.* replace
    (
        day as previous_day,
        now64(6, 'UTC') as written_at,
        mapFilter(
            (name, at) -> name != '',
            map(transform(d.action, ['reask', 'regenerate'], ['reasked', 'regenerated'], ''), d.time)
        ) as derived
    )
from output_facts as f final
inner join
(
    select output_day, trace_id, span_id, action, time
    from derived_actions final
    where
        output_day >= {since:Date}
        and output_day <= {until:Date}
        and found_at >= {found:DateTime64(6, 'UTC')}
) as d using (output_day, trace_id, span_id)
where f.present and f.output_day >= {since:Date} and f.output_day <= {until:Date}
