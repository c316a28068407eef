-- Which reasons did users give for their actions each day, and how often, as last counted?
--
-- Reasons are codes that a page offers beside a control, mostly a thumbs down or a rejection.
select
    day,
    service,
    environment,
    feature,
    splitByChar(' ', value)[1] as action,
    splitByChar(' ', value)[2] as reason,
    items as actions
from daily_attribute_counts
where kind = 'reason'
