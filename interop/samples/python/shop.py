"""A shop that sells wine to people of 18 and over, and learns nothing else about them."""

import json
import os
import uuid
from pathlib import Path

import requests
from flask import Flask, Response, redirect, request

from verifier import Verifier
from webhook import is_from_verifier

URL = os.environ["SHOP_URL"]
verifier = Verifier(
    url=os.environ["VERIFIER_URL"],
    tenant=os.environ["VERIFIER_TENANT"],
    issuers=os.environ["VERIFIER_ISSUERS"].split(","),
    client=os.environ["CLIENT_ID"],
    key=json.loads(Path(os.environ["CLIENT_KEY"]).read_text()),
)
# The request of each visit, by the browser's cookie; a real shop keeps this in its sessions.
visits: dict[str, str] = {}
# What the verifier told of each request. A notice may come twice, and before or after the browser.
told: dict[str, str] = {}

shop = Flask(__name__)
shop.config["MAX_CONTENT_LENGTH"] = 10_000


@shop.get("/")
def offer() -> Response:
    return page(200, "<form method=post action=/buy><button>와인 사기 · Buy wine (18+)</button></form>")


@shop.post("/buy")
def buy() -> Response:
    name, address = verifier.ask_for_age(f"{URL}/return")
    visit = str(uuid.uuid4())
    visits[visit] = name
    answer = redirect(address, 303)
    answer.set_cookie("visit", visit, httponly=True, samesite="Lax", secure=URL.startswith("https:"))
    return answer


@shop.get("/return")
def come_back() -> Response:
    """The browser comes back. The request is the one of this browser; the code alone opens nothing."""
    name = visits.get(request.cookies.get("visit", ""))
    if name is None or not verifier.is_of_age(name, request.args.get("response_code", "")):
        return page(403, "<h1>판매하지 않았습니다 · Not sold</h1>")
    return page(200, "<h1>판매했습니다 · Sold</h1>")


@shop.post("/webhook")
def hear() -> Response:
    body = request.get_data()
    if not is_from_verifier(request.headers.get("Webhook-Signature", ""), body, os.environ["WEBHOOK_SECRET"]):
        return Response(status=401)
    notice = json.loads(body)
    told[notice["id"]] = notice["event"]
    return Response(status=204)


@shop.get("/told")
def what_was_told() -> Response:
    """What was told of this browser's request."""
    name = visits.get(request.cookies.get("visit", ""), "")
    return page(200, told.get(name, "nothing"))


@shop.errorhandler(requests.RequestException)
def is_away(_: requests.RequestException) -> Response:
    return page(503, "<h1>잠시 뒤에 다시 해 주세요 · Try again in a moment</h1>")


def page(status: int, main: str) -> Response:
    head = "<!doctype html><html lang=ko><meta charset=utf-8><title>와인 가게 · Wine shop</title>"
    return Response(head + main, status, content_type="text/html; charset=utf-8")


if __name__ == "__main__":
    shop.run("127.0.0.1", int(os.environ["SERVER_PORT"]), threaded=True)
