-- Which outputs were reviewed twice without knowledge of the first verdict, and what were the verdicts?
--
-- Of closed weeks of the last 91 days, below the week's cut: the sample that is read twice is then as
-- random as the sample. A second review by the first reviewer, a week later, is a pair of its own
-- (`is_self`). A verdict is the last word within an hour of the first: an undone slip counts as what it
-- became, and what someone changes later, with the other verdict before their eyes, does not count.
with
    words as
    (
        select
            output_id,
            reading,
            reviewer,
            any(began) as began_at,
            argMaxIf(verdict, (reviewed_at, review_id), reviewed_at <= began + interval 1 hour) as word
        from
        (
            select
                *,
                min(reviewed_at) over (partition by output_id, reading, reviewer) as began
            from reviews final
            where
                reading in ('first', 'second')
                and verdict not in ('skipped', 'erased')
                and reviewed_at <= {as_of:DateTime64(3, 'UTC')}
        )
        group by output_id, reading, reviewer
    ),
    first_words as
    (
        select
            output_id,
            argMin(reviewer, (began_at, reviewer)) as first_reviewer,
            argMin(word, (began_at, reviewer)) as first_verdict
        from words
        where reading = 'first'
        group by output_id
    ),
    second_words as
    (
        select
            words.output_id as output_id,
            words.reviewer = first_words.first_reviewer as is_self,
            any(first_words.first_reviewer) as first_reviewer,
            any(first_words.first_verdict) as first_verdict,
            argMin(words.reviewer, (began_at, words.reviewer)) as second_reviewer,
            argMin(words.word, (began_at, words.reviewer)) as second_verdict
        from words
        join first_words on first_words.output_id = words.output_id
        where words.reading = 'second'
        group by output_id, is_self
    )
select
    drawn.service as service,
    drawn.environment as environment,
    drawn.feature as feature,
    drawn.week as week,
    drawn.output_id as output_id,
    is_self,
    first_reviewer,
    second_reviewer,
    first_verdict,
    second_verdict
from second_words
join review_draw as drawn on drawn.output_id = second_words.output_id
join review_progress_at(as_of = {as_of:DateTime64(3, 'UTC')}) as cuts on cuts.week = drawn.week
where
    (drawn.u < cuts.cut or cuts.cut = 1)
    and drawn.week >= toMonday({{today}}) - 91
