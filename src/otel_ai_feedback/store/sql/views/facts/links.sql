-- By which method were actions matched to outputs, and what share matched none, as last counted?
--
-- As `links_at`, at the cost of the days that are asked for.
select
    day,
    service,
    environment,
    feature,
    value as link_method,
    items as actions,
    actions / sum(actions) over (partition by day, service, environment, feature) as share
from daily_attribute_counts
where kind = 'link_method'
