-- Which signals mean something else than four weeks before, and which readers may be the reason?
select service, environment, feature, 'signal' as kind, toString(moved_most) as what
from signal_meaning_at(as_of = {as_of:DateTime64(3, 'UTC')})
where changed
union all
select service, environment, feature, 'readers' as kind, toString(round(100 * shift)) as what
from reviewer_mix_at(as_of = {as_of:DateTime64(3, 'UTC')})
where warning
union all
select service, environment, feature, 'agreement' as kind, toString(round(100 * agreement)) as what
from reviewer_agreement_at(as_of = {as_of:DateTime64(3, 'UTC')})
where alarm
order by service, environment, feature, kind
