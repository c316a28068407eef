-- What did reviewers find wrong with the outputs of the weeks from one week to another?
insert into mode_counts_weekly
select
    {version:UInt64} as version,
    *
from mode_counts_live_within(as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date})
where week <= {until:Date}
