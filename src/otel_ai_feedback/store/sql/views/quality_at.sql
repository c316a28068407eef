-- What share of outputs is good, with its 95 % interval, per window of closed weeks?
--
-- The stratified mean over cells of week and stratum, mu = sum W p, and a Wilson interval on the
-- number of labels of a simple sample that would be as precise: n_eff = mu~ (1 - mu~) / V, with
-- p~ = (x + .5) / (m + 1) and V = sum W^2 (1 - m/N) p~ (1 - p~) / (m - 1). A cell with fewer than
-- two labels is estimated from the nearest week of its stratum that has them, else from the whole
-- stratum, else from the stratum that is most alike; a week that nobody read is left out, and
-- `weeks_read` says so. Where there is no number, `reason` says why.
--
-- Beside it what people voted: -1 and 1 are thumbs; where a group has ratings above 1 they are stars,
-- 4 and 5 up, 1 and 2 down. `thumbs_gap` is how far that is from quality: who is unhappy votes more.
with
    windowed as
    (
        select
            cells.*,
            span.1 as window_days,
            week + 7 * span.2 as window_end,
            sum(m) over
            (
                partition by window_days, window_end, service, environment, feature, model, release,
                    week
            ) as labels_of_week
        from quality_cells_at(as_of = {as_of:DateTime64(3, 'UTC')}) as cells
        array join [(7, 1), (28, 1), (28, 2), (28, 3), (28, 4)] as span
        where window_end <= toMonday(toDate(
            {as_of:DateTime64(3, 'UTC')},
            coalesce(nullIf((select value from settings final where name = 'timezone'), ''), 'UTC')
        ))
    ),
    strata as
    (
        select
            window_days,
            window_end,
            service,
            environment,
            feature,
            model,
            release,
            stratum,
            sum(m) as stratum_m,
            (sum(x) + .5) / (stratum_m + 1) as stratum_p,
            -- weeks with two labels or more; the whole stratum (a week of 0) where none has them
            if(stratum_m < 2, [], arrayConcat(
                groupArrayIf(toUInt16(week), m >= 2),
                if(countIf(m >= 2) = 0, [toUInt16(0)], [])
            )) as usable_weeks
        from windowed
        where labels_of_week > 0
        group by window_days, window_end, service, environment, feature, model, release, stratum
    ),
    donors as
    (
        select
            * except usable,
            arrayFilter(s -> length(s.3) > 0, usable) as usable
        from
        (
            select
                window_days,
                window_end,
                service,
                environment,
                feature,
                model,
                release,
                groupArray((stratum, stratum_p, usable_weeks)) as usable
            from strata
            group by window_days, window_end, service, environment, feature, model, release
        )
    ),
    placed as
    (
        select
            window_days,
            window_end,
            service,
            environment,
            feature,
            model,
            release,
            outputs,
            m,
            x,
            undecided,
            w,
            wy,
            ww,
            arraySort(s -> (s.1 != stratum, abs(s.2 - stratum_p), s.1), usable)[1] as donor,
            -- where this cell's outputs are counted, and, with its own labels, its own
            (
                donor.1,
                arraySort(
                    w -> (abs(toInt32(w) - toInt32(toUInt16(week))), w), donor.3
                )[1]
            ) as target
        from windowed
        join strata using
            (window_days, window_end, service, environment, feature, model, release, stratum)
        join donors using (window_days, window_end, service, environment, feature, model, release)
        where labels_of_week > 0 and length(usable) > 0
    ),
    merged as
    (
        select
            window_days,
            window_end,
            service,
            environment,
            feature,
            model,
            release,
            sum(outputs) as cell_outputs,
            sum(m) as cell_m,
            if(sum(w) > 0, sum(wy) / sum(w), 0.) as p,
            (p * cell_m + .5) / (cell_m + 1) as p_tilde,
            if(sum(w) > 0, cell_m * sum(ww) / (sum(w) * sum(w)), 1.) as design_effect,
            p_tilde * (1 - p_tilde) / (cell_m - 1) * design_effect as variance,
            sum(x) as cell_x,
            sum(undecided) as cell_undecided
        from placed
        group by window_days, window_end, service, environment, feature, model, release, target
    ),
    estimated as
    (
        select
            window_days,
            window_end,
            service,
            environment,
            feature,
            model,
            release,
            sum(cell_outputs) as read_outputs,
            sum(cell_m) as labels,
            sum(cell_undecided) as undecided,
            sum(cell_outputs * p) / read_outputs as mu,
            sum(cell_outputs * p_tilde) / read_outputs as mu_tilde,
            sum(
                cell_outputs * cell_outputs * greatest(0, 1 - cell_m / cell_outputs) * variance
            ) / (read_outputs * read_outputs) as v,
            sum(cell_outputs * cell_outputs * variance) / (read_outputs * read_outputs)
                as process_variance,
            mu_tilde * (1 - mu_tilde) / v as n_eff,
            1.959964 * 1.959964 as zz,
            (mu + zz / (2 * n_eff)) / (1 + zz / n_eff) as centre,
            sqrt(zz * mu * (1 - mu) / n_eff + zz * zz / (4 * n_eff * n_eff)) / (1 + zz / n_eff)
                as half
        from merged
        group by window_days, window_end, service, environment, feature, model, release
    ),
    weeks as
    (
        select
            window_days,
            window_end,
            service,
            environment,
            feature,
            model,
            release,
            sum(outputs) as outputs,
            uniqExactIf(week, labels_of_week > 0) as weeks_read,
            max(unweighted) as has_unweighted,
            sumForEach(ratings) as votes,
            max(arraySum(arraySlice(votes, 3)) > 0) over
                (partition by service, environment, feature) as stars,
            toUInt64(if(stars, votes[5] + votes[6], votes[2])) as thumbs_up,
            toUInt64(if(stars, votes[1] + votes[2] + votes[3], votes[1])) as thumbs_down
        from windowed
        group by window_days, window_end, service, environment, feature, model, release
    )
select
    window_end,
    window_days,
    service,
    environment,
    feature,
    model,
    release,
    weeks_read,
    outputs,
    ifNull(estimated.labels, 0) as labels,
    ifNull(estimated.undecided, 0) as undecided,
    multiIf(
        has_unweighted,
        'how likely some outputs were to be sampled is not known: see the view sampling',
        labels < 50, 'fewer than 50 labels',
        ''
    ) as reason,
    if(reason = '', mu, null) as quality,
    if(reason = '', if(v <= 0, mu, greatest(0., least(mu, centre - half))), null) as low,
    if(reason = '', if(v <= 0, mu, least(1., greatest(mu, centre + half))), null) as high,
    if(reason = '', mu_tilde, null) as smoothed_quality,
    if(reason = '', sqrt(v), null) as standard_error,
    if(reason = '', sqrt(process_variance), null) as process_standard_error,
    if(reason = '' and v > 0, n_eff, null) as effective_labels,
    thumbs_up,
    thumbs_down,
    if(thumbs_up + thumbs_down > 0, thumbs_up / (thumbs_up + thumbs_down), null) as thumbs_rate,
    thumbs_rate - quality as thumbs_gap
from weeks
left join estimated using
    (window_days, window_end, service, environment, feature, model, release)
