-- What share of outputs is good, by reviewers alone and with each judge's help, in the last four closed weeks?
select *
from quality_tightened
order by service, environment, feature, carrier, name, evaluator
