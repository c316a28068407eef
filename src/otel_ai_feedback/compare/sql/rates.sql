-- How many answers of each arm showed each signal, by bucket of users, as the jobs last counted them?
--
-- The rows of `compare/counts` for signals and features, at the price of reading counts by
-- day. They know of no flags and of no single users.
with
    counted as
    (
        select
            day,
            c.signal as signal,
            c.feature as feature,
            c.answers as answers,
            c.k as k,
            c.n as n,
            {{version_of(c, {by:String})}} as version,
            {{arm_of(day, version)}} as arm
        from signal_days_within(
            since = least({since:Date}, {since_a:Date}), until = greatest({until:Date}, {until_a:Date})
        ) as c
        where
            c.service = {service:String}
            and ({environment:String} = '' or c.environment = {environment:String})
            and ({feature:String} = '' or c.feature = {feature:String})
            and (not startsWith(c.signal, '(') or c.signal = '(used)')
            and arm != ''
    ),
    measures as
    (
        select
            arm,
            if({by:String} = 'days' or day < {since:Date} + 7, 'first', 'later') as part,
            arrayJoin(if(
                signal = '(used)',
                [(concat('feature ', feature), n)],
                [(toString(signal), k)]
            )) as measure,
            answers,
            n
        from counted
    )
select
    arm,
    part,
    measure.1 as measured,
    toFloat64(sum(m.answers)) as answers,
    sumForEach(measure.2) as k,
    sumForEach(m.n) as n
from measures as m
group by arm, part, measured
order by arm, part, measured
