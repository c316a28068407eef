-- How many users had answers of each arm, and how many of both, among some of the buckets of users?
--
-- For comparisons of too many answers to look at each. It reads the facts as they were written, older
-- versions of a row included: they are about the same user.
with
    people as
    (
        select
            subject,
            {{version_of(o, {by:String})}} as version,
            {{arm_of(o.day, version)}} as arm
        from output_facts as o
        prewhere
            bucket < {buckets:UInt8}
            and output_day >= least({since:Date}, {since_a:Date}) - 1
            and output_day <= greatest({until:Date}, {until_a:Date}) + 1
        where
            present
            and day >= least({since:Date}, {since_a:Date})
            and day <= greatest({until:Date}, {until_a:Date})
            and service = {service:String}
            and ({environment:String} = '' or environment = {environment:String})
            and ({feature:String} = '' or feature = {feature:String})
            and subject != ''
            and arm != ''
    )
select
    uniqExactIf(subject, arm = 'a') as a,
    uniqExactIf(subject, arm = 'b') as b,
    a + b - uniqExact(subject) as in_both
from people
