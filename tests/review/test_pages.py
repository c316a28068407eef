"""The review page, over real HTTP and on the real engine."""

import json
import re
from datetime import datetime, timezone

import pytest
from raw_rows import SECOND, T0
from reading import CLOSED, TODAY, freeze, labels, outputs, shown

NEXT = "User actions"


@pytest.mark.slow
def test_a_stranger_neither_reads_nor_labels(clean, reviewer):
    outputs(clean, 3)
    known, stranger = reviewer("ann"), reviewer("")
    fields = known.fields()
    for path in ("/review", "/review/requested", f"/review/labels/{fields['lease']}",
                 "/review/send?output_id=x"):  # fmt: skip
        page = stranger.get(path)
        assert page.status_code == 401
        assert "Answer o" not in page.text
    sent = stranger.web.post("/review/labels", data=fields | {"verdict": "good"})
    assert sent.status_code == 401
    assert labels(clean) == []


@pytest.mark.slow
def test_an_output_with_its_text_and_nothing_of_what_its_user_did(clean, reviewer):
    order = outputs(clean, 3)
    page = reviewer("ann").get()
    assert page.status_code == 200
    assert shown(page) == order[0]
    for expected in ("Be kind.", "Question", "Answer o", "small", "about 120 answers", "±",
                     "https://logs.example/?id=response-o", ">ann"):  # fmt: skip
        assert expected in page.text, expected
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for hidden in ("copy", "copied", "used", NEXT):
        assert not re.search(rf"\b{hidden}\b", page.text), hidden


@pytest.mark.slow
def test_the_verdict_is_kept_and_then_the_page_says_what_its_user_did(clean, reviewer):
    order = outputs(clean, 3)
    ann = reviewer("ann")
    following = ann.say("bad", mode=["made it up"], new_mode="too long; Made it  up", note=" hm \n")
    assert shown(following) == order[1]
    assert "Verdict: <strong>bad</strong>: made it up, too long" in following.text
    assert NEXT in following.text
    assert re.search(r"<strong>copied</strong> 30\s*s after the request", following.text)
    ((name, reading, who, verdict, modes, note, took, screen),) = labels(clean)
    assert (name, reading, who, verdict) == (order[0], "first", "ann", "bad")
    assert (modes, note) == (["made it up", "too long"], "hm")
    assert took >= 0
    assert re.fullmatch(r"web-[0-9a-f]{8}", screen)
    # the modes that were named stand on the next page, with numbers
    assert 'value="made it up" data-number="1"' in following.text


@pytest.mark.slow
def test_reading_goes_up_in_u_and_ends(clean, reviewer):
    order = outputs(clean, 5)
    ann = reviewer("ann")
    page, read = ann.get(), []
    while shown(page):
        read.append(shown(page))
        page = ann.say("good", page)
    assert read == order
    assert "Every sampled answer has been reviewed" in page.text
    assert clean.query("select cut from review_progress_at(as_of = now64(3))").result_rows == [
        (1.0,)
    ]


@pytest.mark.slow
def test_the_running_week_comes_after_the_closed_one_and_says_so(clean, reviewer):
    ago = datetime.now(timezone.utc).timestamp() - 120 - T0 // SECOND
    running = outputs(clean, 2, name="r", frozen=False, at=ago)
    order = outputs(clean, 2)
    freeze(clean, TODAY)
    ann = reviewer("ann")
    page, read = ann.get(), []
    for _ in range(4):
        read.append(shown(page))
        assert ("included when the week closes" in page.text) == (read[-1] in running)
        page = ann.say("good", page)
    assert read[:2] == order
    assert sorted(read[2:]) == sorted(running)


@pytest.mark.slow
def test_two_reviewers_never_have_the_same_output(clean, reviewer):
    outputs(clean, 6)
    # one in ten, by a random key, is to be read by both
    clean.command("truncate table second_readings")
    ann, ben = reviewer("ann"), reviewer("ben")
    read = []
    for _ in range(3):
        pages = [ann.get(), ben.get()]
        read += [shown(page) for page in pages]
        # anyone who loads the page again has the same one
        assert shown(ann.get()) == shown(pages[0])
        ann.say("good", pages[0])
        ben.say("good", pages[1])
    assert len(set(read)) == 6
    assert {row[0] for row in labels(clean)} == set(read)


@pytest.mark.slow
def test_what_was_skipped_is_for_others_and_comes_back(clean, reviewer):
    order = outputs(clean, 2)
    ann, ben = reviewer("ann"), reviewer("ben")
    following = ann.say("skipped")
    assert "returns within a day" in following.text
    assert shown(following) == order[1]
    assert shown(ben.get()) == order[0]
    ben.say("skipped")
    ann.say("good", following)
    assert shown(ann.get()) is None
    rows = clean.query(
        "select state, skipped_until > now() from review_queue where output_id = "
        "{id:String} and reading = 'first'", parameters={"id": order[0]},
    ).result_rows  # fmt: skip
    assert rows == [("skipped", 1)]


@pytest.mark.slow
def test_a_label_that_is_sent_twice_is_one(clean, reviewer):
    outputs(clean, 2)
    ann = reviewer("ann")
    fields = ann.fields()
    for verdict in ("good", "good", "bad"):
        assert ann.web.post("/review/labels", data=fields | {"verdict": verdict}).is_redirect
    assert [row[3] for row in labels(clean)] == ["good"]


@pytest.mark.slow
def test_undo_is_a_further_label_and_moves_no_cut(clean, reviewer):
    order = outputs(clean, 4)
    ann = reviewer("ann")
    following = ann.say("good", note="fine")
    cut = "select cut, disposed from review_progress_at(as_of = now64(3))"
    before = clean.query(cut).result_rows
    undo = re.search(r'href="(/review/labels/[0-9a-f]{32})"', following.text)[1]
    again = ann.get(undo)
    assert shown(again) == order[0]
    assert ">fine</textarea>" in again.text
    after = ann.say("bad", again)
    assert shown(after) == order[1]
    assert [(row[0], row[3]) for row in labels(clean)] == [(order[0], "good"), (order[0], "bad")]
    assert clean.query("select label, reviewer from labels_at(as_of = now64(3))").result_rows == [
        ("bad", "ann")
    ]
    assert clean.query(cut).result_rows == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"verdict": ""}, "Choose a verdict"),
        ({"verdict": "great"}, "Choose a verdict"),
        ({"verdict": "good", "mode": "made it up"}, "A good answer has no failure mode"),
        ({"verdict": "bad", "new_mode": "x" * 61}, "up to 60 characters"),
        ({"verdict": "bad", "note": "x" * 4001}, "keep it under 4000"),
    ],
)
def test_mistakes_are_named_and_nothing_typed_is_lost(clean, reviewer, sent, said):
    order = outputs(clean, 2)
    ann = reviewer("ann")
    page = ann.say(sent.pop("verdict"), **({"note": "keep me"} | sent))
    assert page.status_code == 422
    assert said in page.text
    assert shown(page) == order[0]
    assert sent.get("note", "keep me") in page.text
    assert sent.get("mode", "") in page.text
    assert labels(clean) == []


@pytest.mark.slow
def test_a_verdict_on_an_answer_of_another_reviewer_is_refused(clean, reviewer):
    outputs(clean, 2)
    ann, ben = reviewer("ann"), reviewer("ben")
    of_ann = ann.fields()
    forged = ben.fields() | {"lease": of_ann["lease"], "verdict": "bad"}
    assert ben.web.post("/review/labels", data=forged).status_code == 404
    for lease in ("0" * 32, "x", ""):
        sent = ben.fields() | {"lease": lease, "verdict": "bad"}
        assert ben.web.post("/review/labels", data=sent).status_code == 404
    assert ben.get(f"/review/labels/{of_ann['lease']}").status_code == 404
    assert labels(clean) == []


@pytest.mark.slow
def test_a_label_without_the_code_of_the_page_is_refused(clean, reviewer):
    outputs(clean, 1)
    ann = reviewer("ann")
    for csrf in ("", "0" * 64):
        sent = ann.fields() | {"verdict": "good", "csrf": csrf}
        assert ann.web.post("/review/labels", data=sent).status_code == 403
    assert labels(clean) == []


@pytest.mark.slow
def test_without_its_text_there_is_a_link_into_the_users_own_log(clean, reviewer):
    outputs(clean, 1, gen_ai__output__messages="", gen_ai__input__messages="")
    page = reviewer("ann").get()
    assert "The text is not stored here" in page.text
    assert 'href="https://logs.example/?id=response-o0"' in page.text


@pytest.mark.slow
def test_what_a_model_writes_is_never_markup(clean, reviewer):
    attack = "</div><script>alert(1)</script><img src=x onerror=alert(1)>\"'\x00\u202e\ud800"
    text = json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": attack}]}])
    asked = json.dumps([{"role": attack, "parts": [{"type": "text", "content": attack}]}] * 2)
    outputs(clean, 1, gen_ai__output__messages=text, gen_ai__input__messages=asked,
            gen_ai__response__model=attack[:-1], gen_ai__conversation__id=attack[:-1])  # fmt: skip
    ann = reviewer("ann")
    page = ann.get()
    assert "alert(1)" in page.text
    assert "<script>" not in page.text
    assert "<img" not in page.text
    following = ann.say("bad", page, new_mode="<b>bold</b>", note="<i>x</i>")
    assert "<b>" not in following.text


@pytest.mark.slow
def test_an_output_can_be_sent_to_review_and_enters_no_quality_score(clean, reviewer):
    (drawn, *_), wanted = outputs(clean, 2), outputs(clean, 1, name="late", frozen=False)[0]
    ann, ben = reviewer("ann"), reviewer("ben")
    link = re.search(r'href="(/review/send\?output_id=[^"]+)"', ann.get(f"/outputs/{wanted}").text)
    confirm = ann.get(link[1])
    csrf = re.search(r'name="csrf" value="([^"]*)"', confirm.text)[1]
    listed = ann.web.post(
        "/review/send", data={"csrf": csrf, "output_id": [wanted, "x"]}, follow_redirects=True
    )
    assert "1 answer sent to review" in listed.text
    assert wanted[:8] in listed.text
    page = ben.get("/review?queue=requested")
    assert shown(page) == wanted
    after = ben.say("bad", page)
    assert "No requested reviews" in after.text
    assert labels(clean)[0][:4] == (wanted, "extra", "ben", "bad")
    assert "bad, by ben" in ann.get("/review/requested").text
    assert shown(ann.get()) == drawn


@pytest.mark.slow
def test_the_requested_reviews_finds_the_worst_first(clean, reviewer):
    outputs(clean, 3)
    page = reviewer("ann").get("/review/requested?days=28&order=worst&class=used")
    assert len(re.findall('name="output_id"', page.text)) == 3
    for query in (
        "days=x&order=y&class=z",
        "group=a/b/c",
        "model=nope",
        "sent=x",
        "sent=-1",
        "sent=%C2%B2",
        "sent=9999999999999",
    ):
        assert reviewer("ann").get(f"/review/requested?{query}").status_code == 200


@pytest.mark.slow
def test_the_session_shows_its_length_and_ends(clean, reviewer):
    outputs(clean, 3)
    ann = reviewer("ann")
    assert "<strong>60 minutes</strong>, about 120 answers." in ann.get().text
    assert re.search(
        r"<strong>1</strong> of about \d+ reviewed, 60 minutes left", ann.say("good").text
    )


def test_a_day_that_is_empty(clean, reviewer):
    assert "No answers sampled yet" in reviewer("ann").get().text
    assert CLOSED < TODAY
