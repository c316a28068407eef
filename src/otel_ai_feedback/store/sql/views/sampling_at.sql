-- How much of each service's traffic is here, and how is that known?
--
-- `estimated_outputs` is the sum of the weights. The weight of an output comes from the threshold in
-- the trace state, else from the resource, else from what capture knew of the sampler; for the
-- `unknown` ones it is 1, which is right only if nothing was left out. `actions_not_sampled` were done
-- to outputs that were not sampled, as their handles say. `actions_without_output` were done half an
-- hour ago or more to outputs that were sampled and yet are not here: with head sampling there are
-- next to none; sampling by what a trace is like (tail sampling) shows in `lost_share`. `feature` is
-- empty: of an output that was not sampled it is not known.
with
    counted as
    (
        select
            day,
            service,
            environment,
            weight,
            weight_source,
            '' as fate
        from outputs_at(as_of = {as_of:DateTime64(3, 'UTC')})
        union all
        select
            day,
            service,
            environment,
            0. as weight,
            '' as weight_source,
            multiIf(
                not sampled, 'not sampled',
                output_id != '' and not output_arrived
                and time <= {as_of:DateTime64(3, 'UTC')} - interval 30 minute, 'without output',
                output_id != '', 'linked',
                'unlinked'
            ) as fate
        from actions_at(as_of = {as_of:DateTime64(3, 'UTC')})
        where source != 'derived'
    )
select
    day,
    service,
    environment,
    '' as feature,
    countIf(fate = '') as outputs,
    sum(weight) as estimated_outputs,
    if(outputs > 0, minIf(weight, fate = ''), null) as min_weight,
    if(outputs > 0, maxIf(weight, fate = ''), null) as max_weight,
    countIf(weight_source = 'threshold') as by_threshold,
    countIf(weight_source = 'resource') as by_resource,
    countIf(weight_source = 'sampler') as by_sampler,
    countIf(weight_source = 'unknown') as unknown,
    if(outputs > 0, unknown / outputs, null) as unknown_share,
    countIf(fate != '') as actions,
    countIf(fate = 'not sampled') as actions_not_sampled,
    countIf(fate = 'without output') as actions_without_output,
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
from counted
group by day, service, environment
