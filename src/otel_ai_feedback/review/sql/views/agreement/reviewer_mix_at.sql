-- Did quality change together with the reviewers, as known at a given time?
-- Now: Did quality change together with the reviewers, as known now?
-- Kept: when changed, 30 minutes
--
-- The last four closed weeks against the four before. `shift` is the share of labels that would have
-- to change hands for the two mixes of reviewers to be the same (total variation distance). `warning`:
-- a quarter or more would, and quality moved by more than chance (|z| >= 1.96, without the factor
-- for a finite population). Then look at `reviewer_agreement` before looking for a cause in the answers.
with
    toMonday({{today}}) as until,
    labelled as
    (
        select
            service,
            environment,
            feature,
            reviewer,
            countIf(week >= until - 28) as labels_now,
            countIf(week < until - 28) as labels_before
        from drawn_labels_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 63
        )
        where counts and label in ('good', 'bad') and week >= until - 56
        group by service, environment, feature, reviewer
    ),
    mixes as
    (
        select
            service,
            environment,
            feature,
            count() as reviewers,
            sum(labels_now) as labels,
            sum(labels_before) as earlier_labels,
            sum(abs(share_now - share_before)) / 2 as shift
        from
        (
            select
                *,
                labels_now / sum(labels_now) over (partition by service, environment, feature)
                    as share_now,
                labels_before / sum(labels_before) over (partition by service, environment, feature)
                    as share_before
            from labelled
        )
        group by service, environment, feature
        having labels > 0 and earlier_labels > 0
    ),
    levels as
    (
        select
            service,
            environment,
            feature,
            anyIf(windows.quality, window_end = until) as quality_now,
            anyIf(windows.quality, window_end = until - 28) as quality_before,
            (quality_now - quality_before) / sqrt(
                pow(anyIf(process_standard_error, window_end = until), 2)
                + pow(anyIf(process_standard_error, window_end = until - 28), 2)
            ) as z
        from quality_live_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 35
        ) as windows
        where
            window_days = 28
            and model = ''
            and release = ''
            and window_end in (until, until - 28)
        group by service, environment, feature
    )
select
    service,
    environment,
    feature,
    reviewers,
    labels,
    earlier_labels,
    shift,
    quality_now as quality,
    quality_before as earlier_quality,
    z,
    toUInt8(shift >= .25 and ifNull(abs(z) >= 1.96, false)) as warning
from mixes
left join levels using (service, environment, feature)
