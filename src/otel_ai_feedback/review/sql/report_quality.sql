-- What is the quality of each group in the four weeks to a day, and what was it in the four before?
--
-- A group with an empty name is all of them together, where there are several. The two windows share no
-- week; z compares the process, without the factor for a finite population.
with windows as
(
    select
        service,
        environment,
        feature,
        window_end = {until:Date} as is_newest,
        weeks_read,
        labels,
        reason,
        quality,
        low,
        high,
        process_standard_error,
        thumbs_rate,
        quality_if_undecided_bad,
        quality_if_undecided_good
    from quality_live_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {until:Date} - 28)
    where
        window_days = 28
        and model = ''
        and release = ''
        and window_end in ({until:Date}, {until:Date} - 28)
    union all
    select
        '' as service,
        '' as environment,
        '' as feature,
        window_end = {until:Date} as is_newest,
        weeks_read,
        labels,
        reason,
        quality,
        low,
        high,
        process_standard_error,
        null as thumbs_rate,
        quality_if_undecided_bad,
        quality_if_undecided_good
    from quality_pooled_at(as_of = {as_of:DateTime64(3, 'UTC')})
    where window_days = 28 and window_end in ({until:Date}, {until:Date} - 28)
)
select
    service,
    environment,
    feature,
    anyIf(windows.weeks_read, is_newest) as weeks_read,
    anyIf(windows.labels, is_newest) as labels,
    anyIf(windows.reason, is_newest) as reason,
    anyIf(windows.quality, is_newest) as quality,
    anyIf(windows.low, is_newest) as low,
    anyIf(windows.high, is_newest) as high,
    anyIf(windows.thumbs_rate, is_newest) as thumbs_rate,
    anyIf(quality_if_undecided_bad, is_newest) as if_bad,
    anyIf(quality_if_undecided_good, is_newest) as if_good,
    anyIf(windows.quality, not is_newest) as earlier_quality,
    (anyIf(windows.quality, is_newest) - earlier_quality) / sqrt(
        pow(anyIf(process_standard_error, is_newest), 2)
        + pow(anyIf(process_standard_error, not is_newest), 2)
    ) as z,
    sum(service != '') over () as groups
from windows
group by service, environment, feature
having countIf(is_newest) > 0
qualify service != '' or groups > 1
order by service = '', service, environment, feature
