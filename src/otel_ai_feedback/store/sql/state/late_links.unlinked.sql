-- Are there actions of the last week that came without a link, and for which an output may be found?
select count() > 0 as found
from
(
    select 1
    from action_state
    where
        output_day = toDate('1970-01-01')
        and linked_span_id = ''
        and output_hash != ''
        and time > {as_of:DateTime64(3, 'UTC')} - interval 7 day
        and action_id not in (select action_id from late_links)
    limit 1
)
