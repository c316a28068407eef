-- Which outputs of a group are behind an alert, the newest first, and how many are there?
--
-- Of a series that fell, those that did not show it; of one that rose, those that did. Without a
-- series, those that a reader called bad or that people did not use; of a failure mode, its own.
with
    behind as
    (
        select
            output_id,
            time,
            if(
                {series:String} = 'failed',
                failed,
                mapContains(done, (select any(evidence) from signal_list final where name = {series:String}))
            ) as shown,
            multiIf(
                {direction:String} = 'fell', not shown and not failed,
                {direction:String} = 'rose', shown,
                {series:String} != '',
                if(
                    (select any(good) from signal_list final where name = {series:String}) = 'low',
                    shown,
                    not shown and not failed
                ),
                labels.label = 'bad'
                    or class in ('failed', 'rejected', 'regenerated', 'reask', 'closed_fast')
            ) as is_behind
        from outputs_within(
            as_of = {as_of:DateTime64(3, 'UTC')}, since = {since:Date}, until = {until:Date}
        ) as found
        left join
        (
            select
                output_id,
                label,
                modes
            from labels_at(as_of = {as_of:DateTime64(3, 'UTC')})
        ) as labels using (output_id)
        where
            matured
            and service = {service:String}
            and environment = {environment:String}
            and feature = {feature:String}
            and ({segment_kind:String} != 'model' or model = {segment:String})
            and ({segment_kind:String} != 'release' or release = {segment:String})
            and ({segment_kind:String} != 'mode' or notEmpty(arrayIntersect(
                labels.modes,
                arrayPushBack(
                    (
                        select groupArray(alias)
                        from mode_names_at(as_of = {as_of:DateTime64(3, 'UTC')})
                        where mode = {segment:String}
                    ),
                    {segment:String}
                )
            )))
    )
select
    output_id,
    count() over () as total
from behind
where is_behind
order by time desc, output_id
limit {most:UInt32}
