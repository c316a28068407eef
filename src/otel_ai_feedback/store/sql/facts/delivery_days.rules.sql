-- Which delivery rule holds for each group on some days?
select day, service, environment, feature, rule
from delivery_days_within(since = {since:Date}, until = {until:Date})
