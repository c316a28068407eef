-- How often did each segment of a feature show each signal: k of n, per closed day?
--
-- A segment is the whole group (segment_kind `all`), a model, a prompt version or a release; `declared`
-- are those that the setting SEGMENTS names, which are watched for drift, and the whole. Days before a
-- new baseline was accepted are left out, as if the series had begun there. n is the number of outputs that
-- were observed, and k their share that showed the signal, by their weights where traces were left out;
-- k_by_bucket and n_by_bucket are those of `signal_rates`. `excluded` are days of an open drift incident: they are judged, but nothing is compared with them.
with
    segmented as
    (
        select
            day,
            service,
            environment,
            feature,
            part.1 as segment_kind,
            part.2 as segment,
            series,
            toFloat64(sum(r.n)) as n,
            n * sum(k_weighted) / sum(n_weighted) as k,
            sumForEach(r.k_by_bucket) as k_by_bucket,
            sumForEach(r.n_by_bucket) as n_by_bucket
        from signal_rates_within(since = {since:Date}, until = '2149-06-06') as r
        array join
        [
            ('all', ''),
            ('model', toString(model)),
            ('prompt_version', toString(prompt_version)),
            ('release', toString(release))
        ] as part
        where part.1 = 'all' or part.2 != ''
        group by day, service, environment, feature, segment_kind, segment, series
    )
select
    counts.day as day,
    counts.service as service,
    counts.environment as environment,
    counts.feature as feature,
    segment_kind,
    segment,
    counts.series as series,
    counts.k as k,
    counts.n as n,
    counts.k_by_bucket as k_by_bucket,
    counts.n_by_bucket as n_by_bucket,
    arrayExists(
        range -> (range.1 = '' or range.1 = counts.series) and counts.day between range.2 and range.3,
        ranges
    ) as excluded,
    segment_kind = 'all' or has(
        splitByChar(',', (
            select if(any(value) = '', 'model,prompt_version', any(value))
            from settings final
            where name = 'segments'
        )),
        segment_kind
    ) as declared
from segmented as counts
left any join
(
    -- all of a group in one row: a join that is planned once
    select
        service,
        environment,
        feature,
        groupArrayIf((name, from_day), is_level) as levels,
        groupArrayIf((name, from_day, to_day), not is_level) as ranges
    from
    (
        select
            service,
            environment,
            feature,
            toString(series) as name,
            from_day,
            from_day as to_day,
            true as is_level
        from baseline_starts_at(as_of = {as_of:DateTime64(3, 'UTC')})
        union all
        select
            service,
            environment,
            feature,
            toString(series) as name,
            from_day,
            to_day,
            false as is_level
        from drift_exclusions final
    )
    group by service, environment, feature
) as of_group
    on of_group.service = counts.service
    and of_group.environment = counts.environment
    and of_group.feature = counts.feature
where
    not arrayExists(
        level -> (level.1 = '' or level.1 = counts.series) and counts.day < level.2,
        levels
    )
    and counts.day < toDate(
        {as_of:DateTime64(3, 'UTC')} - interval 30 minute,
        {{zone}}
    )
