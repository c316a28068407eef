-- What share of outputs is good, or has a failure mode, per window of closed weeks, and how sure is that?
--
-- Of windows that end on the day `since` or later. The stratified mean over cells of week and
-- stratum, mu = sum W p, and a Wilson interval on the number of labels of a simple sample that would be
-- as precise: n_eff = mu~ (1 - mu~) / V, with V = sum W^2 (1 - m/N) s. With q the share of the whole stratum, p~ = (m p + 2 q) / (m + 2) and
-- s = (m p (1 - p) + 2 q (1 - q)) / ((m + 1) (m - 1/2)): a cell of three labels says little of its own
-- spread, so its stratum counts as two labels more (docs/quality.md). A cell with fewer than
-- two labels is estimated from the nearest week of its stratum that has them, else from the whole
-- stratum, else from the stratum that is most alike; a week that no one read is left out, and
-- `weeks_read` says so. `reason` says why the share should not be published. `of` is that of
-- `share_cells_within`. least_share and most_share are what it is if none, or all, of the outputs of which
-- reviewers could not say would be.
with
    -- a cell in every window that it is part of
    windowed as
    (
        select
            week_cells.*,
            span.1 as window_days,
            week + 7 * span.2 as window_end,
            (
                measure, window_end, window_days, service, environment, feature, model, release
            ) as window_of
        from share_cells_within(
            as_of = {as_of:DateTime64(3, 'UTC')},
            since = greatest({since:Date}, toDate('1970-02-01')) - 28,
            of = {of:String}
        ) as week_cells
        array join [(7, 1), (28, 1), (28, 2), (28, 3), (28, 4)] as span
        where window_end >= {since:Date} and window_end <= toMonday({{today}})
    ),
    windows as
    (
        select
            window_of,
            sum(windowed.outputs) as outputs,
            arrayDistinct(groupArrayIf(toUInt16(week), m > 0)) as read_weeks,
            max(unweighted) as has_unweighted,
            sumForEach(ratings) as votes,
            arrayFilter(
                c -> has(read_weeks, c.1),
                groupArray(
                    (toUInt16(week), stratum, m, x, windowed.outputs, undecided, w, wy, ww, wu)
                )
            ) as cells,
            -- stratum, share, and the weeks with two labels or more; the whole stratum (a week of 0)
            -- where it has two in all
            arrayMap(
                name -> (
                    name,
                    (arraySum(c -> if(c.2 = name, c.4, 0), cells) + .5)
                        / (arraySum(c -> if(c.2 = name, c.3, 0), cells) + 1),
                    multiIf(
                        arrayExists(c -> c.2 = name and c.3 >= 2, cells),
                        arrayMap(c -> c.1, arrayFilter(c -> c.2 = name and c.3 >= 2, cells)),
                        arraySum(c -> if(c.2 = name, c.3, 0), cells) >= 2, [toUInt16(0)],
                        []
                    )
                ),
                arrayDistinct(arrayMap(c -> c.2, cells))
            ) as strata,
            arrayFilter(s -> notEmpty(s.3), strata) as donors
        from windowed
        group by window_of
    ),
    placed as
    (
        select
            windows.*,
            cell,
            arrayFirst(s -> s.1 = cell.2, strata).2 as stratum_p,
            arraySort(s -> (s.1 != cell.2, abs(s.2 - stratum_p), s.1), donors)[1] as donor,
            -- where this cell's outputs are counted, and, with its own labels, its own
            (
                donor.1,
                arraySort(w -> (abs(toInt32(w) - toInt32(cell.1)), w), donor.3)[1]
            ) as target
        from windows
        left array join if(empty(donors), [], cells) as cell
    ),
    merged as
    (
        select
            window_of,
            any(placed.outputs) as outputs,
            any(length(placed.read_weeks)) as weeks_read,
            any(placed.has_unweighted) as has_unweighted,
            any(placed.votes) as votes,
            sum(cell.5) as cell_outputs,
            sum(cell.3) as cell_m,
            sum(cell.4) as cell_x,
            sum(cell.6) as cell_undecided,
            sum(cell.7) as w,
            sum(cell.8) as wy,
            sum(cell.10) as wu,
            if(w > 0, wy / w, 0.) as p,
            any(donor.2) as class_p,
            (p * cell_m + 2 * class_p) / (cell_m + 2) as p_tilde,
            if(w > 0, cell_m * sum(cell.9) / (w * w), 1.) as design_effect,
            (p * (1 - p) * cell_m + 2 * class_p * (1 - class_p))
                / ((cell_m + 1) * (cell_m - .5)) * design_effect as variance,
            if(w + wu > 0, wy / (w + wu), 0.) as p_least,
            if(w + wu > 0, (wy + wu) / (w + wu), 0.) as p_most
        from placed
        group by window_of, target
    ),
    estimated as
    (
        select
            window_of,
            any(merged.outputs) as outputs,
            any(merged.weeks_read) as weeks_read,
            any(merged.has_unweighted) as has_unweighted,
            any(merged.votes) as votes,
            sum(cell_outputs) as read_outputs,
            sum(cell_m) as labels,
            sum(cell_x) as hits,
            sum(cell_undecided) as undecided,
            sum(cell_outputs * p_least) / read_outputs as least_share,
            sum(cell_outputs * p_most) / read_outputs as most_share,
            sum(cell_outputs * p) / read_outputs as mu,
            sum(cell_outputs * p_tilde) / read_outputs as mu_tilde,
            sum(
                cell_outputs * cell_outputs * greatest(0, 1 - cell_m / cell_outputs) * variance
            ) / (read_outputs * read_outputs) as v,
            sum(cell_outputs * cell_outputs * variance) / (read_outputs * read_outputs)
                as process_variance,
            mu_tilde * (1 - mu_tilde) / v as n_eff
        from merged
        group by window_of
    )
select
    window_of.1 as measure,
    window_of.2 as window_end,
    window_of.3 as window_days,
    window_of.4 as service,
    window_of.5 as environment,
    window_of.6 as feature,
    window_of.7 as model,
    window_of.8 as release,
    weeks_read,
    outputs,
    labels,
    hits,
    undecided,
    multiIf(
        has_unweighted,
        'how likely some outputs were to be sampled is not known: see the view sampling',
        labels < 50, 'fewer than 50 labels',
        ''
    ) as reason,
    if(labels > 0, mu, null) as share,
    if(labels > 0, if(v <= 0, mu, {{wilson_low(mu, n_eff)}}), null) as low,
    if(labels > 0, if(v <= 0, mu, {{wilson_high(mu, n_eff)}}), null) as high,
    if(labels > 0, mu_tilde, null) as smoothed_share,
    if(labels > 0, sqrt(v), null) as standard_error,
    if(labels > 0, sqrt(process_variance), null) as process_standard_error,
    if(labels > 0 and v > 0, n_eff, null) as effective_labels,
    if(labels > 0, least_share, null) as least_share,
    if(labels > 0, most_share, null) as most_share,
    votes
from estimated
