-- Is less being read than planned?
select
    max(minutes_promised) as promised,
    max(minutes_read) as read,
    groupArrayIf(
        arrayStringConcat(
            arrayFilter(n -> n != '', [toString(service), toString(environment), toString(feature)]), '/'
        ),
        is_short_of_labels
    ) as short
from review_debt_at(as_of = {as_of:DateTime64(3, 'UTC')})
