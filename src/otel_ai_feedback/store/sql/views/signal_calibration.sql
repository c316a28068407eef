-- How often is an output of each class good, as reviewers of the last four closed weeks say?
select *
from signal_calibration_at(as_of = now64(3, 'UTC'))
