"""What stands between page and service: no sendBeacon, blockers, service workers, another path."""

import pytest

from .chain import TEXT, Chain, Tab
from .conftest import HERE, serving

pytestmark = pytest.mark.browser
ACTIONS = "**/_ai_feedback/actions"


def copy(tab):
    tab.select(0, len(TEXT))
    tab.page.keyboard.press("Control+c")


@pytest.mark.parametrize(
    "beacon",
    [
        "delete Navigator.prototype.sendBeacon",
        "Navigator.prototype.sendBeacon = () => false",
        "Navigator.prototype.sendBeacon = () => { throw new TypeError('blocked') }",
    ],
    ids=["missing", "full", "blocked"],
)
def test_a_tab_is_closed_where_beacons_do_not_work(tab, beacon):
    tab.page.add_init_script(beacon)
    tab.open().answer()
    copy(tab)
    tab.close()
    tab.chain.wait_for(1, "copy")
    tab.chain.wait_for(1, "close")


def test_a_copy_of_everything_and_a_closed_tab_is_use(tab, engine):
    tab.open().answer(" ".join([TEXT] * 5))
    tab.page.wait_for_timeout(300)
    tab.page.evaluate("document.querySelector('[data-ai-output]').append(' end')")
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.press("Control+c")
    tab.close()
    tab.chain.wait_for(1, "copy")
    tab.chain.wait_for(1, "close")
    assert engine.query("select class from outputs").result_rows == [("used",)]


def test_actions_that_a_page_could_not_deliver_are_reported_with_the_next_one(tab):
    refused = []

    def refuse(route):
        refused.append(route.request.post_data_json["actions"])
        route.fulfill(status=413)

    tab.page.route(ACTIONS, refuse)
    tab.open().answer()
    tab.page.wait_for_timeout(2500)
    for _ in range(2):
        copy(tab)
    tab.page.evaluate("dispatchEvent(new Event('online'))")
    tab.page.wait_for_timeout(500)
    lost = [action["action"] for batch in refused for action in batch]
    assert sorted(lost) == ["copy", "copy", "seen"]
    tab.page.unroute(ACTIONS)
    # What belongs to no answer is not taken, and must not take the losses along.
    tab.page.evaluate(
        "document.body.insertAdjacentHTML('afterbegin', '<p data-ai-action=share>share</p>')"
    )
    tab.show("", "two answers: none is meant")
    tab.page.get_by_text("share", exact=True).click()
    copy(tab)
    (row,) = tab.wait_for(1, "copy")
    assert int(row.particulars["lost"]) == 3
    copy(tab)
    assert ["lost" in each.particulars for each in tab.wait_for(2, "copy")] == [True, False]


def test_a_page_without_a_network_for_long_counts_what_it_drops(tab, context):
    tab.open().answer()
    tab.wait_for(1, "seen")
    context.set_offline(True)
    tab.page.evaluate(
        """() => {
          document.body.insertAdjacentHTML("beforeend", "<button data-ai-action=share></button>");
          const button = document.querySelector("button");
          for (let count = 0; count < 520; count++) button.click();
        }"""
    )
    tab.page.wait_for_timeout(3000)
    bodies = []
    tab.page.on("request", lambda request: bodies.append(request.post_data_json))
    context.set_offline(False)
    tab.page.evaluate("dispatchEvent(new Event('online'))")
    tab.page.wait_for_timeout(3000)
    sent = [action for body in bodies if body for action in body["actions"]]
    assert len({action["action_id"] for action in sent}) == 500
    assert {action["lost"] for action in sent if "lost" in action} == {20}


WORKER = """async (offline) => {
  const { active } = await navigator.serviceWorker.register("/worker.js")
    .then(() => navigator.serviceWorker.ready);
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((done) => (port1.onmessage = done));
  active.postMessage(offline, [port2]);
  await answered;
}"""


def test_a_service_worker_between_page_and_network(tab):
    tab.open()
    tab.page.evaluate(WORKER, False)
    tab.open("?auto&body=<main></main>")  # now the worker takes what it asks for
    tab.until("!!navigator.serviceWorker.controller")
    tab.page.evaluate(
        """async text => {
          const init = { method: "POST", body: JSON.stringify({ text }) };
          document.querySelector("main").innerHTML = "<p></p>";
          const stream = (await fetch("/stream?as=text", init)).body;
          for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
            document.querySelector("p").append(piece);
          }
        }""",
        TEXT[::-1],
    )
    tab.page.wait_for_selector("p[data-ai-output]")
    tab.page.evaluate("getSelection().selectAllChildren(document.querySelector('p'))")
    tab.page.keyboard.press("Control+c")
    tab.close()
    (row,) = tab.chain.wait_for(1, "copy")
    assert row.value == 1


def test_what_a_service_worker_answers_in_the_services_place_is_no_delivery(tab):
    tab.open()
    tab.page.evaluate(WORKER, True)
    tab.open()
    tab.until("!!navigator.serviceWorker.controller")
    tab.answer()
    copy(tab)
    tab.page.wait_for_timeout(3000)
    assert tab.chain.actions("copy") == []
    tab.page.evaluate(WORKER, False)
    tab.page.evaluate("dispatchEvent(new Event('online'))")
    (row,) = tab.wait_for(1, "copy")
    assert "lost" not in row.particulars


@pytest.fixture(scope="module")
def own_path(service, model, files):
    settings = service | {"OPENAI_BASE_URL": model, "FILES": str(files), "PREFIX": "/assets/app"}
    with serving(HERE, "served:app", **settings) as url:
        yield url


def test_script_and_actions_under_a_path_of_your_own(context, own_path, clean):
    """A filter list that blocks every path of ours does not block that."""
    tab = Tab(context.new_page(), Chain(own_path, clean))
    tab.page.route("**/_ai_feedback/**", lambda route: route.abort())
    asked = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.open().answer()
    copy(tab)
    tab.wait_for(1, "copy")
    assert not [url for url in asked if "_ai_feedback" in url]
    assert f"{own_path}/assets/app/actions" in asked
