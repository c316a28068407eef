-- Which signals are watched for drift, and by day or by week?
--
-- `series_counts_at` with the mode of each series on each day: by the day while the median n of its
-- last 56 days is above 150, by the week while it is below 100; in between it stays as it was, and by
-- the week where it never was anything.
with
    sized as
    (
        select
            day,
            service,
            environment,
            feature,
            segment_kind,
            segment,
            series,
            k,
            n,
            excluded,
            quantileExact(.5)(n) over
            (
                partition by service, environment, feature, segment_kind, segment, series
                order by day
                range between 55 preceding and current row
            ) as median_n,
            multiIf(series = 'returned_7d', 'week', median_n > 150, 'day', median_n < 100, 'week', '')
                as decided
        from series_counts_at(as_of = {as_of:DateTime64(3, 'UTC')})
    )
select
    day,
    service,
    environment,
    feature,
    segment_kind,
    segment,
    series,
    k,
    n,
    excluded,
    median_n,
    coalesce(
        nullIf(
            argMaxIf(decided, day, decided != '') over
            (
                partition by service, environment, feature, segment_kind, segment, series
                order by day
                rows between unbounded preceding and current row
            ),
            ''
        ),
        'week'
    ) as mode
from sized
