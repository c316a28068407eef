-- What is the verdict on each sampled output, as known at a given time?
select *
from labels_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01')
