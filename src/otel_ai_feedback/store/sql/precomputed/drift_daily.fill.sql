-- Where does each watched series stand, from some day on?
insert into drift_daily
select
    {version:UInt64} as version,
    *
from drift_live_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date})
