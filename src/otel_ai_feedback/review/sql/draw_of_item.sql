-- To which week does a drawn output belong, and has it ended?
select
    week,
    week + 7 <= toDate(
        {as_of:DateTime64(3, 'UTC')},
        coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
    ) as closed
from review_draw
where output_id = {output_id:String}
limit 1
