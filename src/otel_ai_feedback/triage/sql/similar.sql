-- Which incidents were like this one, how did they end, and which are most alike?
with
    known as
    (
        select *
        from incidents_at(as_of = {as_of:DateTime64(3, 'UTC')})
    ),
    this as
    (
        select *
        from known
        where incident_id = {incident_id:String}
    )
select
    known.incident_id as incident_id,
    known.rule as rule,
    known.service as service,
    known.feature as feature,
    known.series as series,
    known.direction as direction,
    known.segment_kind as segment_kind,
    known.segment as segment,
    known.owner as owner,
    known.state as state,
    known.opened_at as opened_at,
    known.resolved_at as resolved_at,
    known.cause as cause,
    known.moves as moves,
    known.outcome as outcome
from known
cross join this
where
    known.incident_id != this.incident_id
    and known.opened_at < this.opened_at
    and not known.open
    and (known.rule = this.rule or (known.series = this.series and this.series != ''))
order by
    4 * (known.service = this.service) + 2 * (known.series = this.series)
        + (known.feature = this.feature) + (known.rule = this.rule) desc,
    known.opened_at desc
limit 5
