-- Statements that reached, or tried to reach, what is out of reach; one on a line. {file} is a file,
-- {url} an address that listens. The long run adds what it finds (CORPUS=this file).
select b from values('a String, b String ALIAS file(''{file}'')', 'x')
select b from values('a String, b String alias file(''{file}'')', 'x')
select b from format(JSONEachRow, 'a String, b String alias file(''{file}'')', '{}')
select arrayMap(file, ['{file}'])
select arrayMap(`file`, ['{file}'])
with file as g select arrayMap(g, ['{file}']) as found
with x -> file(x) as g select g('{file}') as found
select * apply file from (select '{file}' as c)
select columns('c') apply file from (select '{file}' as c)
select * apply(x -> file(x)) from (select '{file}' as c)
show tables limit (select length(file('{file}')))
show tables limit length(file('{file}'))
show tables from ai_feedback like 'a' limit (select toUInt64((select k0 % 50 from ai_feedback.draw_key)))
show databases where file('{file}')
select * from url('{url}', 'LineAsString')
select * from file('{file}', 'LineAsString')
select * from merge('ai_feedback', 'otel_logs')
select * from view(select * from otel_logs)
select * from otel_logs
select * from sessions
select k0 from draw_key
select file('{file}') settings max_threads = 1
describe (select file('{file}'))
explain query tree select file('{file}')
select * from numbers((select length(file('{file}'))))
select throwIf(1, file('{file}')) as found
select 1; select file('{file}')
select * from executable('cat', LineAsString, 'l String', (select '{file}'))
select dictGet('{file}', 'a', 1)
