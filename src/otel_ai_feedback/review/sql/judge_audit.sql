-- How often is each judge right, according to reviewers in the last four closed weeks?
select *
from judge_audit
order by service, environment, feature, carrier, name, evaluator
