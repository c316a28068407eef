"""Every prefix of a closed week is a fair sample, whatever the size of a group."""

import math

import pytest
from weeks import NOW, WEEKS

# Outputs a week, and so many of them sampled: the target is shared by four groups.
SIZES = {"tiny": 140, "small": 7_000, "large": 700_000, "huge": 7_000_000}
SHARE = 175
KEYS = """
insert into draws
    (day, service, environment, stratum, weight, weight_known, outputs, ratings, rate, threshold,
        drawn, run, frozen_at)
with
    {outputs:UInt64} as outputs_of_week,
    number as output,
    sipHash64Keyed((toUInt64(20261126), toUInt64(outputs_of_week)), output) / pow(2, 64) as uniform,
    -- twice as many come from Thursday on, and more of them are asked again
    least(6, intDiv(output * 10, outputs_of_week)) as day_of_week,
    multiIf(output % 7 = 0, 'reask', output % 3 = 0 or day_of_week > 4, 'used', 'none') as class,
    multiIf(class = 'reask', 3., class = 'none', 1.5, 1.) as own_rate,
    {target:Float64} / (outputs_of_week * 1.5) as tau,
    uniform / own_rate / tau as u
select
    toDate({week:Date}) + day_of_week, {service:String}, 'production', class, 1., true, count(),
    [0, 0, 0, 0, 0, 0], any(own_rate), any(tau),
    arraySort(d -> d.2, groupArrayIf((concat({service:String}, '-', toString(output)), u), u < 1)),
    'run', '2026-11-29 00:00:00'
from numbers(outputs_of_week)
group by day_of_week, class
"""


@pytest.fixture
def week(client):
    """A closed week of four groups, all of its keys made by the engine."""
    for service, outputs in SIZES.items():
        client.command(
            KEYS,
            parameters={
                "outputs": outputs, "service": service, "target": SHARE, "week": WEEKS[3],
            },
        )  # fmt: skip
    return client


def read(client, until, *, leased=None):
    """Read in order up to a u: one in eleven is skipped a day before; `leased` stays unread."""
    client.command("truncate table reviews")
    client.command(
        "insert into reviews (review_id, output_id, reading, reviewer, verdict, reviewed_at) "
        "select output_id, output_id, 'first', 'ann', "
        "if(sipHash64(output_id) % 11 = 0, 'skipped', if(sipHash64(output_id) % 5 = 0, 'bad', "
        "'good')), '2026-11-30 00:00:00' from review_draw "
        "where u < {until:Float64} and u != {leased:Float64}",
        parameters={"until": until, "leased": leased or -1},
    )


def deviation(client):
    """By how many standard errors what lies below the cut differs, over groups and strata."""
    ((q, cells, cut),) = client.query(
        "select sum(pow(found - expected, 2) / (expected * (1 - share))), count(), any(cut) from ("
        "select service, stratum, sum(outputs) as n, any(c.cut) as cut, "
        "least(1, cut * any(rate) * any(threshold)) as share, n * share as expected, "
        "sum(arrayCount(d -> d.2 < c.cut, drawn)) as found from frozen_days as f "
        "cross join (select cut from review_progress_at(as_of = {at:String})) as c "
        "group by service, stratum having share < 1)",
        parameters={"at": NOW},
    ).result_rows
    return (q - cells) / math.sqrt(2 * cells), cells, cut


@pytest.mark.parametrize("until", [0.12, 0.3, 0.55, 0.8, 1.0])
def test_any_prefix_has_every_stratum_of_every_group_as_often_as_it_should(week, until):
    read(week, until)
    z, cells, cut = deviation(week)
    print(f"prefix {until}: cut {cut:.3f}, {cells} cells, z {z:.2f}")
    assert cells >= 9
    assert abs(z) < 4
    # and the weights of what counts add up to the outputs of each group
    rows = week.query(
        "select service, sum(w) + sum(wu) as stands_for, sum(m) + sum(undecided) as n "
        f"from quality_cells_within(as_of = '{NOW}', since = '1970-01-01') "
        "where model = '' and release = '' group by service"
    ).result_rows
    assert {row[0] for row in rows} == set(SIZES)
    for service, stands_for, n in rows:
        # of weights from 1 to 3 Kish's factor is 4/3 at most
        assert stands_for == pytest.approx(SIZES[service], rel=4 * math.sqrt(4 / 3 / n))


def test_what_someone_still_has_on_the_screen_ends_the_prefix(week):
    ((u,),) = week.query("select u from review_draw where u > .4 order by u limit 1").result_rows
    read(week, 0.9, leased=u)
    z, _, cut = deviation(week)
    assert cut == u
    assert abs(z) < 4


def test_the_groups_share_the_hour_alike(week):
    rows = week.query(
        "select service, count() from review_draw where u < .5 group by service"
    ).result_rows
    assert len(rows) == len(SIZES)
    counts = [count for _, count in rows]
    assert max(counts) < 2.2 * min(counts)
