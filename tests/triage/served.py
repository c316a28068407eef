"""The triage pages, served over real HTTP to Ana and Ben."""

import contextlib
import dataclasses
import socket
import threading

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from otel_ai_feedback import pages, store
from otel_ai_feedback.pages.render import style
from otel_ai_feedback.triage import pages as triage_pages
from otel_ai_feedback.triage.incidents import Incidents

TOKENS = {"Ana": "ana's token, which is long", "Ben": "ben's token, which is long"}


@contextlib.contextmanager
def serving(settings, triage, directory):
    """Serve the pages of the store from a thread; gives the address."""
    path = directory / "people.toml"
    path.touch(0o600)
    path.write_text("".join(f'[{name}]\ntoken = "{token}"\n' for name, token in TOKENS.items()))
    shell = pages.Pages(
        "UTC", "http://localhost", rooms={"triage": triage_pages.PACKAGE},
        tabs={"triage": "/triage"},
    )  # fmt: skip
    clients = [store.connect(settings.store) for _ in range(3)]
    people = pages.People(
        dataclasses.replace(settings, people=path), shell, secret=b"k" * 32,
        only_this_machine=True, sessions=pages.SessionTable(clients[2]), url="http://localhost",
    )  # fmt: skip
    questions = pages.Questions(clients[:1])
    routes = [
        *pages.SignIn(people, shell, 0).routes(),
        *triage_pages.routes(Incidents(clients[1], triage), questions, shell, people, triage),
        Route("/style.css", style),
    ]
    with _listening(routes) as address:
        yield address
    for client in clients:
        client.close()


@contextlib.contextmanager
def _listening(routes):
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
