-- (day, version) In which arm of a comparison is an answer of a day? In none where it is empty.
multiIf(
    {by:String} = 'days' and {{day}} between {since_a:Date} and {until_a:Date}, 'a',
    {by:String} = 'days' and {{day}} between {since:Date} and {until:Date}, 'b',
    {by:String} = 'days' or {{day}} < {since:Date}, '',
    {{version}} = {a:String}, 'a',
    {{version}} = {b:String}, 'b',
    ''
)
