-- Which signals are there from now on, as far as that is news?
--
-- Each is a list: name, evidence, offered, exposure, good, meaning, whether it is a team's own, position.
insert into signal_list
with
    {signals:Array(Array(String))} as given,
    known as
    (
        select
            toString(name) as name,
            [
                name, evidence, offered, exposure, good, meaning, toString(toUInt8(own)),
                toString(position)
            ] as row
        from signal_list final
    )
select
    row[1] as name,
    row[2] as evidence,
    row[3] as offered,
    row[4] as exposure,
    row[5] as good,
    row[6] as meaning,
    row[7] = '1' as own,
    toUInt16(row[8]) as position,
    now64(3, 'UTC') as changed_at
from
(
    select arrayJoin(given) as row
    union all
    select [name, '', '', '', '', '', '0', '0'] as row
    from known
    where not arrayExists(signal -> signal[1] = name, given)
)
where row not in (select row from known)
