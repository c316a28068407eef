-- How many outputs does an active user get in a week?
--
-- One row per closed week without head sampling; low and high are the 95 % interval of the mean.
select
    day,
    service,
    environment,
    feature,
    sum(v.subjects) as subjects,
    sum(v.outputs) as outputs,
    outputs / subjects as per_subject,
    sqrt(greatest(0, sum(v.outputs_squared) - subjects * per_subject * per_subject)
        / greatest(1, subjects - 1) / subjects) as standard_error,
    greatest(1, per_subject - {{z}} * standard_error) as low,
    per_subject + {{z}} * standard_error as high
from visits as v
where (day, version) in
(
    select day, version
    from rollup_days final
    where rollup = 'returning'
)
group by day, service, environment, feature
having subjects > 0
