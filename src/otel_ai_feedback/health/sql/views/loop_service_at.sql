-- Are the parts of `serve` running, and does the receiver accept telemetry?
--
-- From the heartbeats of every process. A part that never succeeded is as old as the first heartbeat of any, and
-- judged once that is past the threshold: a server that just started has not run everything yet. In a
-- store that `serve` never ran on, nothing is judged.
{{service_health}}
