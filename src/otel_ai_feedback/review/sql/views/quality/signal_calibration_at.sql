-- How often is an output of each class good, according to reviews of four closed weeks as of a given time?
-- Now: How often is an output of each class good, according to reviews of the last four closed weeks?
-- Kept: when changed, 30 minutes
--
-- labels counts good and bad ones below the cut; low and high are the 95 % interval at n_effective, by
-- buckets of users as in `signal_rates`. A class without reviews has no row.
with
    labelled as
    (
        select
            service,
            environment,
            feature,
            stratum as class,
            output_id,
            label = 'good' as is_good
        from drawn_labels_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 35
        )
        where counts and label in ('good', 'bad') and week >= toMonday({{today}}) - 28
    ),
    by_bucket as
    (
        select
            service,
            environment,
            feature,
            class,
            -- an output whose details have expired is a user of its own
            if(facts.output = '', toUInt8(sipHash64(output_id) % 64), facts.user_bucket) as bucket,
            sum(is_good) as good_ones,
            count() as all_of_them
        from labelled
        left any join
        (
            select
                concat(trace_id, '-', span_id) as output,
                argMax(output_facts.bucket, written_at) as user_bucket
            from output_facts
            where
                output_day >= toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 45
                and trace_id in (select substring(output_id, 1, 32) from labelled)
            group by output
        ) as facts on facts.output = labelled.output_id
        group by service, environment, feature, class, bucket
    )
select
    service,
    environment,
    feature,
    class,
    sum(all_of_them) as labels,
    sum(good_ones) as good,
    good / labels as p_good,
    groupArray(toFloat64(good_ones)) as good_by_bucket,
    groupArray(toFloat64(all_of_them)) as labels_by_bucket,
    {{n_effective(good_by_bucket, labels_by_bucket, labels)}} as n_effective,
    {{wilson_low(p_good, n_effective)}} as low,
    {{wilson_high(p_good, n_effective)}} as high
from by_bucket
group by service, environment, feature, class
