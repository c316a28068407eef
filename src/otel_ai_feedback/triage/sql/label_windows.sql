-- What share of outputs was good, or had a failure mode, before a day and after it, as readers say?
--
-- Over first readings of sampled outputs; each label stands for the inverse of how likely its output
-- was to be sampled. n is the number of labels of a simple sample that would be as precise (Kish 1965).
with
    read as
    (
        select
            drawn.day > {day:Date} as after,
            drawn.weight / least(1., drawn.rate * drawn.threshold) as stands_for,
            if({kind:String} = 'mode', labels.label = 'bad' and has(labels.modes, {name:String}),
                labels.label = 'good') as counted
        from review_draw as drawn
        join labels_at(as_of = {as_of:DateTime64(3, 'UTC')}) as labels
            on labels.output_id = drawn.output_id
        where
            labels.label in ('good', 'bad')
            and drawn.day between {since:Date} and {until:Date}
            and drawn.service = {service:String}
            and drawn.environment = {environment:String}
            and drawn.feature = {feature:String}
    )
select
    after,
    sumIf(stands_for, counted) / sum(stands_for) as rate,
    sum(stands_for) * sum(stands_for) / sum(stands_for * stands_for) as n,
    count() as labels
from read
group by after
order by after
