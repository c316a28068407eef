-- How many actions could pages not deliver each day, by browser, as last counted?
--
-- A page reports them with the next action that arrives, so the share is a lower bound: a page that
-- delivers nothing reports nothing. `actions` are those that arrived.
select
    day,
    service,
    environment,
    feature,
    value as browser,
    sumIf(items, kind = 'browser') as actions,
    sumIf(items, kind = 'browser_lost') as lost,
    lost / (actions + lost) as lost_share
from daily_attribute_counts
where kind in ('browser', 'browser_lost')
group by day, service, environment, feature, browser
