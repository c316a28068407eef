-- How often are answers good at each level of a judge's score, the lowest level first?
select *
from judge_calibration
order by service, environment, feature, carrier, name, evaluator, level
