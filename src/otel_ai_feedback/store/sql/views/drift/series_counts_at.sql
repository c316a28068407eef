-- What is watched for drift: k of n, per closed day, feature, declared segment and signal?
select * except (declared, k_by_bucket, n_by_bucket)
from series_parts_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01')
where declared
