-- Do outputs of some days have a conversation, whose turns can be paired, or a subject, who may come back?
--
-- Asked of more days than those, as a week is compared with the one before. An action that was derived from a conversation before may
-- have to be taken back.
select count() > 0 as found
from
(
    select 1
    from output_facts
    where
        if({trait:String} = 'conversation', conversation_id, subject) != ''
        and output_day >= toDate(greatest(toInt32({since:Date}) - 12, 0))
        and output_day <= toDate(least(toInt32({until:Date}) + 12, 65535))
    limit 1
    union all
    select 1
    from derived_actions
    where
        {trait:String} = 'conversation'
        and output_day >= {since:Date}
        and output_day <= {until:Date}
    limit 1
)
