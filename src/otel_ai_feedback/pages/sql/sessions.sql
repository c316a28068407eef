-- Who is signed in now: of one person, or of everyone where no name is given?
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
from
(
    select *
    from sessions final
    order by ended desc
    limit 1 by session_id
)
where
    not ended
    and ends_at > {as_of:DateTime64(3, 'UTC')}
    and ({person:String} = '' or person = {person:String})
order by changed_at desc
limit 500
