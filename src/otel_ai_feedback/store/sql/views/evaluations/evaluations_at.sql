-- What are other tools' evaluations of outputs, as known at a given time?
-- Now: What are other tools' evaluations of outputs, as known now?
--
-- Over the whole history; `evaluations_within` asks for some days only, at the cost of those days.
select *
from evaluations_within(
    as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
)
