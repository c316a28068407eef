-- What are the reviews per closed week and stratum for the share of good outputs or of a failure mode?
--
-- Of weeks that began on the day `since` or later: the cells of `quality_cells_within` for one of three questions. of = 'quality': x are good, per feature,
-- model and release. of = 'modes': x have the failure mode `measure`, per feature. of = 'pooled': x are
-- good, over all features together, each in the weeks in which it was reviewed.
with
    cells as
    (
        select
            *,
            sum(m) over (partition by week, service, environment, feature, model, release)
                as labels_of_group
        from quality_cells_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date})
    ),
    named as
    (
        select
            service,
            environment,
            feature,
            groupArray((mode, week, toString(stratum), found, stand_for)) as found_modes,
            arrayDistinct(groupArray(mode)) as modes
        from
        (
            select
                service,
                environment,
                feature,
                mode,
                week,
                stratum,
                count() as found,
                sum(stands_for) as stand_for
            from named_labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date})
            where counts and {of:String} = 'modes'
            group by service, environment, feature, mode, week, stratum
        )
        group by service, environment, feature
    )
select
    part.1 as measure,
    cells.week as week,
    if({of:String} = 'pooled', '', toString(cells.service)) as service,
    if({of:String} = 'pooled', '', toString(cells.environment)) as environment,
    if({of:String} = 'pooled', '', toString(cells.feature)) as feature,
    cells.model as model,
    cells.release as release,
    toString(cells.stratum) as stratum,
    sum(cells.outputs) as outputs,
    sumForEach(cells.ratings) as ratings,
    max(cells.unweighted) as unweighted,
    sum(cells.m) as m,
    sum(part.2) as x,
    sum(cells.undecided) as undecided,
    sum(cells.w) as w,
    sum(part.3) as wy,
    sum(cells.ww) as ww,
    sum(cells.wu) as wu
from cells
left join named
    on named.service = cells.service and named.environment = cells.environment
    and named.feature = cells.feature
array join if(
    {of:String} = 'modes',
    arrayMap(
        mode -> (
            mode,
            arraySum(f -> if((f.1, f.2, f.3) = (mode, week, stratum), f.4, 0), found_modes),
            arraySum(f -> if((f.1, f.2, f.3) = (mode, week, stratum), f.5, 0.), found_modes)
        ),
        named.modes
    ),
    [('', toUInt64(cells.x), cells.wy)]
) as part
where
    ({of:String} = 'quality' or (cells.model = '' and cells.release = ''))
    and ({of:String} != 'pooled' or cells.labels_of_group > 0)
group by measure, week, service, environment, feature, model, release, stratum
