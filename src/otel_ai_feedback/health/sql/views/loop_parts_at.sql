-- Does any part of `serve` break its threshold?
--
-- `loop_service_at` without its details in words, for rules.
{{service_checks}}
from watched
