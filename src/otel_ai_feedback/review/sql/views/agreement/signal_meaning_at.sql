-- Do signals still mean what they meant four weeks before, as known at a given time?
-- Now: Do signals still mean what they meant four weeks before, as known now?
-- Kept: when changed, 30 minutes
--
-- A signal changes its meaning when the quality of its class moves differently from that of the others:
-- the interaction of class and window. A fall in all of them is not one. For each class with ten
-- labels or more in both windows, the last four closed weeks and the four before,
-- d = difference of log((x + .5) / (m - x + .5)), v its variance; Q = sum (d - mean)^2 / v around the
-- mean weighted by 1/v has the chi-square distribution on classes - 1 degrees (Cochran's Q, 1954).
-- Its tail is the finite sum for whole degrees (Abramowitz and Stegun 26.4.4, 26.4.5). `changed`: p
-- under .001. `moved_most` is the class that is furthest off, in its own standard errors.
with
    toMonday({{today}}) as until,
    classes_of_groups as
    (
        select
            service,
            environment,
            feature,
            stratum as class,
            sumIf(m, week >= until - 28) as m1,
            sumIf(x, week >= until - 28) as x1,
            sumIf(m, week < until - 28) as m0,
            sumIf(x, week < until - 28) as x0,
            log((x1 + .5) / (m1 - x1 + .5)) - log((x0 + .5) / (m0 - x0 + .5)) as d,
            1 / (x1 + .5) + 1 / (m1 - x1 + .5) + 1 / (x0 + .5) + 1 / (m0 - x0 + .5) as v
        from quality_cells_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = toDate({as_of:DateTime64(3, 'UTC')}, 'UTC') - 63
        )
        where model = '' and release = '' and week >= until - 56
        group by service, environment, feature, class
        having m0 >= 10 and m1 >= 10
    ),
    weighed as
    (
        select
            *,
            sum(d / v) over (partition by service, environment, feature)
                / sum(1 / v) over (partition by service, environment, feature) as common
        from classes_of_groups
    )
select
    service,
    environment,
    feature,
    count() as classes,
    any(common) as common_change,
    sum((d - common) * (d - common) / v) as q_statistic,
    toUInt16(classes - 1) as degrees,
    least(1., exp(-q_statistic / 2) * if(
        degrees % 2 = 0,
        arraySum(j -> pow(q_statistic / 2, j) / tgamma(j + 1), range(toUInt16(intDiv(degrees, 2)))),
        arraySum(j -> pow(q_statistic / 2, j + .5) / tgamma(j + 1.5), range(toUInt16(intDiv(degrees, 2))))
    ) + if(degrees % 2 = 0, 0., erfc(sqrt(q_statistic / 2)))) as p_value,
    toUInt8(p_value < .001) as changed,
    argMax(class, abs(d - common) / sqrt(v)) as moved_most
from weighed
group by service, environment, feature
having classes >= 2
