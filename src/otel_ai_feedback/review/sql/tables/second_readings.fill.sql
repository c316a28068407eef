-- Which sampled outputs are read twice? One in ten, by another key than that of the sample.
insert into second_readings (output_id, chosen_at)
with (select (argMin(k1, made_at), argMin(k0, made_at)) from draw_key) as second_key
select
    output_id,
    {as_of:DateTime64(3, 'UTC')}
from review_draw
where
    day >= {first:Date}
    and sipHash64Keyed(second_key, output_id) / pow(2, 64) < .1
    and output_id not in (select output_id from second_readings)
