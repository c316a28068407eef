"""The short way to the text of a usual message, which must lead where decoding all of it leads."""

import json

from hypothesis import given
from hypothesis import strategies as st

from otel_ai_feedback.capture.sources.answer import UNPARSEABLE, Answer
from otel_ai_feedback.capture.sources.messages import answer_of, decode, first_choice, usual_text

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates included


@st.composite
def messages(draw):
    """Output messages: most of one text, some of several parts, in any order of keys."""
    part = st.fixed_dictionaries(
        {"type": st.sampled_from(["text", "text", "text", "reasoning", "tool_call"])},
        optional={"content": ANY_TEXT, "id": ANY_TEXT},
    )
    fields = {
        "role": "assistant",
        "parts": [
            dict(draw(st.permutations(list(one.items()))))
            for one in draw(st.lists(part, min_size=1, max_size=2))
        ],
        "finish_reason": draw(st.sampled_from(["stop", "length", "", "tool_call", "STOP"])),
    }
    names = draw(st.permutations(list(fields)))[: draw(st.integers(2, 3))]
    return [{name: fields[name] for name in names}]


FORMS = {
    "separators": st.sampled_from([(", ", ": "), (",", ":"), (" , ", " : ")]),
    "ensure_ascii": st.booleans(),
}


def decoded_whole(value):
    document = decode(value)
    return UNPARSEABLE if document is None else first_choice(document)


@given(messages(), FORMS["separators"], FORMS["ensure_ascii"])
def test_any_message(value, separators, ensure_ascii):
    written = json.dumps(value, separators=separators, ensure_ascii=ensure_ascii)
    assert answer_of(written, None) == decoded_whole(written)


USUAL = json.dumps(
    [{"role": "assistant", "parts": [{"type": "text", "content": "|"}], "finish_reason": "stop"}]
)


@given(st.text(st.sampled_from('"\\\n\t\0n u08dae{}[]:,')))
def test_any_characters_in_the_place_of_the_text(raw):
    written = USUAL.replace("|", raw)
    assert answer_of(written, None) == decoded_whole(written)


@given(st.integers(0, len(USUAL)), st.text(st.sampled_from('"\\ ,]}x'), max_size=2))
def test_any_place_cut_or_altered(place, inserted):
    for written in (USUAL[:place], USUAL[:place] + inserted + USUAL[place:]):
        assert answer_of(written, None) == decoded_whole(written)


@given(ANY_TEXT)
def test_the_shapes_of_instrumentations_take_the_short_way(text):
    for separators in ((", ", ": "), (",", ":")):
        for part in ({"type": "text", "content": text}, {"content": text, "type": "text"}):
            message = {"role": "assistant", "parts": [part], "finish_reason": "stop"}
            written = json.dumps([message], separators=separators)
            assert answer_of(written, None) == Answer(text)
            assert usual_text(written) == text
