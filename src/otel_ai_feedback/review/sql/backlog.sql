-- What is there to read, and when does the first skipped output come back?
select
    countIf(reading = 'first' and state in ('waiting', 'skipped', 'leased')) as unread,
    countIf(reading = 'first' and state = 'leased') as leased,
    countIf(reading = 'first' and state = 'skipped') as skipped,
    countIf(reading = 'first' and state = 'expired') as expired,
    count() as drawn
from review_queue_at(as_of = {as_of:DateTime64(3, 'UTC')})
