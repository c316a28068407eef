-- Which outputs of some days were delivered, and what was the outcome of each, as known at a given time?
--
-- One row is one delivered output. The rules are those of `outputs_of_traces_within`, which asks for
-- outputs of some traces alone.
select *
from oracle_outputs_of_traces_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}, traces = []
)
