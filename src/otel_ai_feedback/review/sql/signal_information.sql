-- How much does each signal say about quality, the most informative first?
select *
from signal_information
order by service, environment, feature, bits desc, carrier, name
