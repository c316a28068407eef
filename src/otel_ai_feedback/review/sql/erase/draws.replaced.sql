-- What is sampled of a day once the outputs of a person have names that lead nowhere?
select
    arrayMap(
        each -> (transform(each.1, {ids:Array(String)}, {instead:Array(String)}, each.1), each.2),
        drawn
    ) as drawn
from draws
where arrayExists(each -> has({ids:Array(String)}, each.1), drawn)
