-- What share of outputs is good, in the windows that end on some day or later?
insert into quality_weekly
select
    {version:UInt64} as version,
    *
from quality_live_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date})
