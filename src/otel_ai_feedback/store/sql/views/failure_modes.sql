-- What goes wrong, and in which share of outputs, as reviewers of the last four closed weeks say?
select *
from failure_modes_at(as_of = now64(3, 'UTC'))
