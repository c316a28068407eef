-- Who has claimed the report of a week for a person, and how often did it fail?
select
    arraySort(groupArrayIf((claimed_at, run), not has_failed)) as claims,
    countIf(has_failed) as failures
from
(
    select
        run,
        minIf(at, phase = 'claimed') as claimed_at,
        countIf(phase = 'failed') > 0 as has_failed
    from sent_reports
    where week = {week:Date} and person = {person:String}
    group by run
)
