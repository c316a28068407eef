-- Results that arrive as events in the log: `gen_ai.evaluation.result`, the feedback events of Copilot Chat,
-- what people decided about Claude Code's edits, and clicks on elements that name their output.
--
-- What a setting or a hook decided, not a person, is refused as `automatic`.
create materialized view if not exists evaluation_state_from_logs to evaluation_state as
with
    if(EventName != '', EventName, LogAttributes['event.name']) as event,
    multiIf(
        event = 'gen_ai.evaluation.result', 'gen_ai',
        startsWith(event, 'copilot_chat.'), 'copilot_chat',
        event = 'browser.user_action.click', 'browser_click',
        'claude_code'
    ) as source,
    base64URLDecode(if(
        match(LogAttributes['data-otel-ai-output'], '^[A-Za-z0-9_-]{68}$'),
        LogAttributes['data-otel-ai-output'],
        ''
    )) as handle,
    multiIf(
        source = 'gen_ai', LogAttributes['gen_ai.evaluation.name'],
        source = 'browser_click', if(
            LogAttributes['data-otel-ai-action'] = '', 'click', LogAttributes['data-otel-ai-action']
        ),
        event = 'copilot_chat.edit.survival',
            concat('survival_', toString(intDiv(toUInt32OrZero(LogAttributes['time_delay_ms']), 1000)), 's'),
        event = 'copilot_chat.user.feedback', 'thumbs',
        event = 'copilot_chat.inline.done', 'inline_accepted',
        source = 'copilot_chat', 'edit_accepted',
        'edit_accepted'
    ) as said_name,
    multiIf(
        source = 'gen_ai', LogAttributes['gen_ai.evaluation.score.value'],
        source = 'browser_click', '1',
        event = 'copilot_chat.edit.survival', LogAttributes['survival_rate_four_gram'],
        ''
    ) as said_score,
    multiIf(
        source = 'gen_ai', LogAttributes['gen_ai.evaluation.score.label'],
        event = 'copilot_chat.user.feedback', LogAttributes['rating'],
        event = 'copilot_chat.inline.done', if(
            lower(LogAttributes['accepted']) in ('true', 'false'),
            if(lower(LogAttributes['accepted']) = 'true', 'accepted', 'rejected'),
            ''
        ),
        event in ('copilot_chat.edit.feedback', 'copilot_chat.edit.hunk.action'), LogAttributes['outcome'],
        source = 'claude_code', LogAttributes['decision'],
        ''
    ) as said_label,
    if(
        (source = 'claude_code' and not startsWith(LogAttributes['source'], 'user'))
        or (event = 'copilot_chat.edit.survival' and lower(LogAttributes['did_branch_change']) = 'true')
        or (event in ('copilot_chat.edit.feedback', 'copilot_chat.edit.hunk.action') and said_label = 'saved'),
        'automatic',
        {{evaluation_refused(said_name, said_score, said_label)}}
    ) as reason,
    LogAttributes['ai_feedback.evaluation.evaluator'] as said_evaluator,
    coalesce(nullIf(LogAttributes['gen_ai.response.id'], ''), LogAttributes['request_id']) as response,
    if(length(handle) = 51, lower(hex(substring(handle, 3, 16))), lower(TraceId)) as trace,
    if(length(handle) = 51, lower(hex(substring(handle, 19, 8))), lower(SpanId)) as span
select
    lower(hex(MD5(arrayStringConcat([
        source,
        trace,
        span,
        response,
        said_name,
        said_evaluator,
        reason,
        -- an answer can have many edits, and each is decided by itself
        multiIf(
            LogAttributes['tool_use_id'] != '', LogAttributes['tool_use_id'],
            event in ('copilot_chat.edit.survival', 'copilot_chat.edit.hunk.action')
                or (trace = '' and response = '') or source = 'claude_code',
                concat(toString(toUnixTimestamp64Nano(Timestamp)), LogAttributes['edit_source'], LogAttributes['session.id']),
            ''
        )
    ], '|')))) as evaluation_id,
    toTimeZone(Timestamp, 'UTC') as time,
    source as carrier,
    'span' as scope,
    multiIf(
        source != 'gen_ai', if(said_name = 'thumbs', 'user', 'behavior'),
        LogAttributes['microsoft.gen_ai.human_evaluation.source'] = 'end_user', 'user',
        LogAttributes['microsoft.gen_ai.human_evaluation.source'] != '', 'reviewer',
        ''
    ) as kind,
    if(reason = '', said_name, '') as name,
    if(reason = '' and match(said_evaluator, '^[A-Za-z0-9][A-Za-z0-9 _.:/-]{0,63}$'), said_evaluator, '')
        as evaluator,
    if(reason = '', toFloat64OrNull(said_score), null) as score,
    if(reason = '', said_label, '') as label,
    reason as refused,
    ServiceName as service,
    coalesce(
        nullIf(ResourceAttributes['deployment.environment.name'], ''),
        ResourceAttributes['deployment.environment']
    ) as environment,
    trace as linked_trace_id,
    span as linked_span_id,
    response as response_id,
    toUInt8(
        lower(LogAttributes['ai_feedback.probe']) = 'true'
        or lower(ResourceAttributes['ai_feedback.probe']) = 'true'
    ) as probe,
    {{evaluation_version(time, concat(said_score, '|', said_label))}} as version,
    now('UTC') as arrived
from otel_logs
where
    (
        event in (
            'gen_ai.evaluation.result',
            'copilot_chat.edit.survival',
            'copilot_chat.edit.feedback',
            'copilot_chat.edit.hunk.action',
            'copilot_chat.inline.done',
            'copilot_chat.user.feedback',
            'claude_code.tool_decision'
        )
        or (event = 'tool_decision' and mapContains(LogAttributes, 'decision'))
        or (event = 'browser.user_action.click' and LogAttributes['data-otel-ai-output'] != '')
    )
    and not (ScopeName = 'otel_ai_feedback' and event = 'gen_ai.evaluation.result')
