-- How much have the jobs derived so far?
select
    (select count() from derived_actions final where action = 'reask') as reask,
    (select count() from derived_actions final where action = 'regenerate') as regenerate,
    (select count() from delivery_rules final) as delivery_rules
