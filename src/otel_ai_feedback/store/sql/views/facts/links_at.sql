-- By which method were actions matched to outputs, and what share matched none, at a given time?
--
-- Recounted over the whole history. Derived actions are left out: they are made from outputs and
-- could not miss them. So are actions on outputs that were not sampled: they could not find them;
-- `sampling` counts these.
select
    day,
    service,
    environment,
    feature,
    value as link_method,
    items as actions,
    actions / sum(actions) over (partition by day, service, environment, feature) as share
from daily_attribute_counts_at(as_of = {as_of:DateTime64(3, 'UTC')})
where kind = 'link_method'
