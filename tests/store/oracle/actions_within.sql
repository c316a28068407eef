-- What did people do on some days, and with which output, as known at a given time?
--
-- One row is one action. The rules are those of `actions_of_traces_within`, which asks for actions
-- on outputs of some traces alone.
select *
from oracle_actions_of_traces_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}, traces = []
)
