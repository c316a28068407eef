-- Which is the newest week that has ended?
select toMonday({{today}}) - 7 as week
