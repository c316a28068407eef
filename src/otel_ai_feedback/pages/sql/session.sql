-- Which session has this id, and has it ended?
select
    session_id,
    ended,
    person,
    source,
    proof,
    groups,
    secret,
    secret_before,
    changed_at,
    began_at,
    ends_at,
    browser
from sessions final
where session_id = {session_id:String}
order by ended desc
limit 1
