-- What share of each service's traffic is sampled, and how is that known, as last counted?
--
-- As `sampling_at`, at the cost of the days that are asked for.
select
    day,
    service,
    environment,
    '' as feature,
    sumIf(items, kind = 'weight_source') as outputs,
    sum(total_weight) as estimated_outputs,
    if(outputs > 0, minIf(f.min_weight, kind = 'weight_source'), null) as min_weight,
    if(outputs > 0, maxIf(f.max_weight, kind = 'weight_source'), null) as max_weight,
    sumIf(items, kind = 'weight_source' and value = 'threshold') as by_threshold,
    sumIf(items, kind = 'weight_source' and value = 'resource') as by_resource,
    sumIf(items, kind = 'weight_source' and value = 'sampler') as by_sampler,
    sumIf(items, kind = 'weight_source' and value = 'unknown') as unknown,
    if(outputs > 0, unknown / outputs, null) as unknown_share,
    sumIf(items, kind = 'fate') as actions,
    sumIf(items, kind = 'fate' and value = 'not sampled') as actions_not_sampled,
    sumIf(items, kind = 'fate' and value = 'without output') as actions_without_output,
    if(
        actions > actions_not_sampled,
        actions_without_output / (actions - actions_not_sampled),
        null
    ) as lost_share,
    multiIf(
        unknown > 0,
        concat(
            'the sampling probability of some outputs is not known, so they count once each: ',
            'use a sampler that writes ot=th: to the trace state, or set the resource attribute ',
            'ai_feedback.sampling.ratio'
        ),
        ifNull(lost_share, 0) > 0.05,
        concat(
            'spans of outputs are missing although they were sampled: ',
            'see whether something between the service and the store samples or drops spans'
        ),
        ''
    ) as warning
from daily_attribute_counts as f
where kind in ('weight_source', 'fate')
group by day, service, environment
