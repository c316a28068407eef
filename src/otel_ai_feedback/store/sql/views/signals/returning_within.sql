-- Which share of last week's users came back this week, over the weeks that begin on some days?
--
-- Rows of `signal_counts`: `day` is the Monday of a closed week, k the subjects that were there in it, n
-- all subjects of the week before, by the models and releases that they had met then. A week in which the group sent
-- nothing is a gap, not a week in which nobody came back; so is one in which not every trace was
-- sampled, as a user who came back may not have been seen.
with
    weekly_visits as
    (
        select
            service,
            environment,
            feature,
            model,
            release,
            subject,
            toMonday(day) as week,
            any(bucket) as subject_bucket,
            max(weight) as max_weight
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate(greatest(toInt32({since:Date}) - 7, 0)),
            until = toDate(least(toInt32({until:Date}) + 6, 65535))
        )
        where matured
        group by service, environment, feature, model, release, subject, week
    ),
    followed as
    (
        select
            *,
            count() over
            (
                partition by service, environment, feature, subject
                order by week range between 7 following and 7 following
            ) > 0 as came_back,
            count() over
            (
                partition by service, environment, feature
                order by week range between 7 following and 7 following
            ) > 0 as has_next_week,
            max(max_weight) over
            (
                partition by service, environment, feature
                order by week range between current row and 7 following
            ) = 1 as whole
        from weekly_visits
    ),
    by_bucket as
    (
        select
            week + 7 as day,
            service,
            environment,
            feature,
            model,
            release,
            subject_bucket,
            countIf(came_back) as back,
            count() as subjects
        from followed
        where
            subject != ''
            and has_next_week
            and week + 7 >= {since:Date}
            and week + 7 <= {until:Date}
            and whole
            and week + 14 <= toDate(
                {as_of:DateTime64(3, 'UTC')} - interval 30 minute,
                {{zone}}
            )
        group by week, service, environment, feature, model, release, subject_bucket
    )
select
    day,
    toDateTime(0, 'UTC') as hour,
    service,
    environment,
    feature,
    model,
    release,
    '' as prompt_version,
    'returned_7d' as signal,
    sum(back) as shown,
    sum(subjects) as answers,
    groupArrayInsertAt(0.)(toFloat64(back), subject_bucket) as k,
    groupArrayInsertAt(0.)(toFloat64(subjects), subject_bucket) as n
from by_bucket
group by day, service, environment, feature, model, release
