-- What share of outputs is good, with its 95 % interval, per window of closed weeks?
--
-- Over the whole history; `quality_within` asks for windows since a day only, at the cost of those.
select *
from quality_live_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01')
