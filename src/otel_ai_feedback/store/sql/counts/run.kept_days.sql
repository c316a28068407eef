-- How many days back do the states of outputs reach? Older ones may have expired.
select if(count() = 0, 65535, 28 * max(toInt32OrZero(value)) - 10) as days
from settings final
where name = 'retention_derived_months' and toInt32OrZero(value) > 0
