from otel_ai_feedback.demo.identifiers import SeededIds, derived_id


def test_a_seed_gives_the_same_ids_whatever_came_before():
    ids = SeededIds()
    ids.start("conversation 1")
    first = [ids.generate_trace_id(), ids.generate_span_id(), ids.generate_span_id()]
    ids.start("conversation 2")
    second = [ids.generate_trace_id(), ids.generate_span_id(), ids.generate_span_id()]
    ids.start("conversation 1")
    assert [ids.generate_trace_id(), ids.generate_span_id(), ids.generate_span_id()] == first
    assert not set(first) & set(second)
    assert 0 < first[0] < 2**128
    assert 0 < first[1] < 2**64


def test_derived_ids_keep_parts_apart():
    assert derived_id("ab", "c") == derived_id("ab", "c") != derived_id("a", "bc")
    assert len(derived_id("a")) == 24
    assert derived_id("\ud800")
