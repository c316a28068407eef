-- Which failure modes are there by name, what do they mean, and how often were they named recently?
-- Now: Which failure modes are there by name, what do they mean, and how often were they named recently?
--
-- A row per name that is in use, whether someone defined it or a reviewer just typed it. `definition`
-- and `examples` (output ids) are of the last definition, `other_names` what it was called or what was
-- merged into it, `labels` how many bad labels of the last 91 days have it, on sampled outputs or others.
with
    names as
    (
        select alias, mode
        from mode_names_at(as_of = {as_of:DateTime64(3, 'UTC')})
    ),
    used as
    (
        select
            arrayJoin(if(empty(modes), ['unnamed'], arrayDistinct(modes))) as alias,
            countIf(reviewed_at >= {as_of:DateTime64(3, 'UTC')} - interval 91 day) as labels,
            max(reviewed_at) as used_at
        from reviews final
        where verdict = 'bad' and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
        group by alias
    ),
    said as
    (
        select
            if(names.mode = '', changed.mode, names.mode) as mode,
            argMaxIf(changed.definition, (changed.changed_at, change_id), change = 'define')
                as definition,
            argMaxIf(changed.examples, (changed.changed_at, change_id), change = 'define')
                as examples,
            argMax(changed.author, (changed.changed_at, change_id)) as author,
            max(changed.changed_at) as changed_at
        from mode_changes as changed
        left join names on names.alias = changed.mode
        where changed.changed_at <= {as_of:DateTime64(3, 'UTC')}
        group by mode
    )
select
    named.mode as mode,
    any(said.definition) as definition,
    any(said.examples) as examples,
    arraySort(groupUniqArrayIf(named.alias, named.alias != named.mode)) as other_names,
    sum(named.labels) as labels,
    max(named.used_at) as last_named_at,
    any(said.author) as author,
    any(said.changed_at) as changed_at
from
(
    select
        if(names.mode = '', every.alias, names.mode) as mode,
        every.alias as alias,
        used.labels as labels,
        used.used_at as used_at
    from
    (
        select alias from names
        union distinct
        select toString(alias) as alias from used
        union distinct
        select mode as alias
        from mode_changes
        where mode_changes.changed_at <= {as_of:DateTime64(3, 'UTC')}
    ) as every
    left join names on names.alias = every.alias
    left join used on used.alias = every.alias
) as named
left join said on said.mode = named.mode
group by named.mode
