-- What has a reviewer said of an output since a lease began, the latest word first?
select
    review_id,
    verdict,
    modes,
    note,
    reviewed_at
from reviews final
where
    output_id = {output_id:String}
    and reading = {reading:String}
    and reviewer = {reviewer:String}
    and reviewed_at >= {began:DateTime64(3, 'UTC')}
order by reviewed_at desc, review_id desc
