-- What goes wrong, and in which share of outputs, according to reviews of four closed weeks as of a given time?
-- Now: What goes wrong, and in which share of outputs, according to reviews of the last four closed weeks?
-- Kept: when changed, 5 minutes
--
-- The share is that of `shares_within`, with its 95 % interval; a mode has a row from 3 labels on. Names
-- are today's: what was renamed or merged is counted under its new name. first_seen and last_seen are
-- days of outputs, in all weeks.
with seen as
(
    select
        service,
        environment,
        feature,
        mode,
        min(counted.first_seen) as first_seen,
        max(counted.last_seen) as last_seen
    from mode_counts_at(as_of = {as_of:DateTime64(3, 'UTC')}) as counted
    array join modes as mode
    group by service, environment, feature, mode
)
select
    shares.service as service,
    shares.environment as environment,
    shares.feature as feature,
    shares.measure as mode,
    shares.hits as labels,
    shares.share as share,
    shares.low as low,
    shares.high as high,
    seen.first_seen as first_seen,
    seen.last_seen as last_seen
from shares_within(
    as_of = {as_of:DateTime64(3, 'UTC')},
    -- a Monday, and the day is another in some time zones
    since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 7,
    of = 'modes'
) as shares
join seen
    on seen.service = shares.service and seen.environment = shares.environment
    and seen.feature = shares.feature and seen.mode = shares.measure
where
    window_days = 28
    and window_end = toMonday({{today}})
    and hits >= 3
