-- How many outputs and actions of some days have which property, as known at a given time?
--
-- Kinds of facts about delivered outputs: `model`, `release`, `prompt_version`, `delivery_rule` and
-- `weight_source`. About actions that people did: `link_method` ('unlinked' where there is no
-- output), without actions on outputs that were not sampled; and `fate`, of all of them: 'linked',
-- 'unlinked', 'not sampled', or 'without output' when the output was sampled and yet is not here half
-- an hour later; `action`, what was done; and `edited`, of edits that were submitted, how much of the
-- output was changed; `reason`, of those with one, what was done and why. Of actions that pages reported: `browser`, and `browser_lost`, which counts the
-- actions that they could not deliver. `total_weight` is for how many outputs they stand under head sampling.
with
    outputs_alike as
    (
        select
            day,
            service,
            environment,
            feature,
            toString(model) as model,
            toString(release) as release,
            toString(prompt_version) as prompt_version,
            toString(delivery_rule) as delivery_rule,
            weight_source,
            min(time) as first_time,
            count() as items,
            sum(weight) as total_weight,
            min(weight) as min_weight,
            max(weight) as max_weight
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
        )
        group by all
    ),
    actions_alike as
    (
        select
            day,
            service,
            environment,
            feature,
            if(output_id = '', 'unlinked', toString(link_method)) as method,
            multiIf(
                not sampled, 'not sampled',
                output_id != '' and not output_arrived
                and time <= {as_of:DateTime64(3, 'UTC')} - interval 30 minute, 'without output',
                output_id != '', 'linked',
                'unlinked'
            ) as fate,
            toString(action) as done,
            toString(reason) as why,
            if(source = 'browser', coalesce(nullIf(toString(browser), ''), 'other'), '') as page,
            multiIf(
                not ifNull(action = 'edit' and checkpoint is null and value >= 0, false), '',
                value < .05, '0-5 %',
                value < .33, '5-33 %',
                value < .5, '33-50 %',
                value < .75, '50-75 %',
                value < 1.01, '75-100 %',
                ''
            ) as edited,
            min(time) as first_time,
            count() as items,
            -- one report counts as 500 at most, or a forged one could outweigh all others
            sum(least(lost, 500)) as items_lost
        from actions_within(
            as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
        )
        -- derived ones are made from outputs and could not miss them
        where source != 'derived'
        group by all
    )
select
    day,
    service,
    environment,
    feature,
    fact.1 as kind,
    fact.2 as value,
    min(f.first_time) as first_time,
    sum(fact.3) as items,
    sum(f.total_weight) as total_weight,
    min(f.min_weight) as min_weight,
    max(f.max_weight) as max_weight
from
(
    select
        day,
        service,
        environment,
        feature,
        arrayJoin([
            ('model', model, items),
            ('release', release, items),
            ('prompt_version', prompt_version, items),
            ('delivery_rule', delivery_rule, items),
            ('weight_source', weight_source, items)
        ]) as fact,
        first_time,
        total_weight,
        min_weight,
        max_weight
    from outputs_alike
    union all
    select
        day,
        service,
        environment,
        feature,
        arrayJoin(arrayConcat(
            [('fate', fate, items), ('action', done, items)],
            if(edited = '', [], [('edited', edited, items)]),
            if(fate = 'not sampled', [], [('link_method', method, items)]),
            if(why = '', [], [('reason', concat(done, ' ', why), items)]),
            if(page = '', [], [('browser', page, items)]),
            if(page = '' or items_lost = 0, [], [('browser_lost', page, items_lost)])
        )) as fact,
        first_time,
        0. as total_weight,
        0. as min_weight,
        0. as max_weight
    from actions_alike
) as f
group by day, service, environment, feature, kind, value
