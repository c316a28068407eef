-- How often did people copy, edit, ask again, reject ... each day, as known at a given time?
--
-- As `signal_rates`, counted from the outputs themselves, at the cost of the whole history.
with counted as
(
    select *
    from signal_counts_within(
        as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
    )
    where hour = 0
    union all
    select *
    from returning_within(
        as_of = {as_of:DateTime64(3, 'UTC')}, since = '1970-01-01', until = '2149-06-06'
    )
)
{{rates_of(counted)}}
