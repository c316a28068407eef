-- By which way did actions find their output, and what share of them found none?
--
-- Derived actions are left out: they are made from outputs and could not miss them. So are actions on
-- outputs that were not sampled: they could not find them; `sampling` counts these.
select
    day,
    service,
    environment,
    feature,
    if(output_id = '', 'unlinked', link_method) as link_method,
    count() as actions,
    actions / sum(actions) over (partition by day, service, environment, feature) as share
from actions_at(as_of = {as_of:DateTime64(3, 'UTC')})
where source != 'derived' and sampled
group by day, service, environment, feature, link_method
