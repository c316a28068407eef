-- What are the reviews per closed week and stratum of a feature, a model or a release?
--
-- Of weeks that began on the day `since` or later. A cell has N outputs, and m labels good or bad below
-- the week's cut, x of them good (docs/quality.md). `ratings` counts those rated -1, 1, 2, 3, 4 and 5;
-- `unweighted` says that some are of unknown sampling. An empty model or release means all of them.
with
    cells as
    (
        select
            week,
            service,
            environment,
            feature,
            toString(model) as own_model,
            toString(release) as own_release,
            stratum,
            outputs,
            ratings,
            not weight_known as unweighted,
            0 as m,
            0 as x,
            0 as undecided,
            0. as w,
            0. as wy,
            0. as ww,
            0. as wu
        from frozen_days
        where week >= {since:Date} and week + 7 <= {{today}}
        union all
        select
            week,
            service,
            environment,
            feature,
            toString(model) as own_model,
            toString(release) as own_release,
            stratum,
            0 as outputs,
            arrayWithConstant(6, toUInt64(0)) as ratings,
            false as unweighted,
            label in ('good', 'bad') as m,
            label = 'good' as x,
            label in ('unsure', 'unreadable') as undecided,
            m * stands_for as w,
            x * stands_for as wy,
            m * stands_for * stands_for as ww,
            undecided * stands_for as wu
        from drawn_labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date})
        where counts
    )
select
    week,
    service,
    environment,
    feature,
    part.1 as model,
    part.2 as release,
    stratum,
    sum(cells.outputs) as outputs,
    sumForEach(cells.ratings) as ratings,
    max(cells.unweighted) as unweighted,
    sum(cells.m) as m,
    sum(cells.x) as x,
    sum(cells.undecided) as undecided,
    sum(cells.w) as w,
    sum(cells.wy) as wy,
    sum(cells.ww) as ww,
    sum(cells.wu) as wu
from cells
array join
    arrayDistinct([('', ''), (own_model, ''), ('', own_release), (own_model, own_release)]) as part
group by week, service, environment, feature, part, stratum
