"""A small shop in FastAPI that tells the Conversions API of its purchases by httpx."""
import hashlib
import itertools
import json
import logging
import os
import re
import time
import uuid
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates

PIXEL_ID = os.environ.get("PIXEL_ID", "1234567890123456")
TOKEN = os.environ.get("META_ACCESS_TOKEN", "example-token")
GRAPH = "https://graph.facebook.com/v25.0"
# The example's switch: `wrong-country-code` plants the fault.
FAULT = os.environ.get("SHOP_FAULT", "")
PRODUCT = {"id": "mug-blue", "name": "Blue mug", "price": 42.00}
FIELDS = ["email", "phone", "first_name", "last_name", "city", "state", "zip", "country"]

log = logging.getLogger("uvicorn.error")
templates = Jinja2Templates(directory=Path(__file__).parent / "templates")
# Orders live in memory: this is an example.
orders: dict[int, dict] = {}
numbers = itertools.count(1001)


@asynccontextmanager
async def lifespan(app: FastAPI):
    async with httpx.AsyncClient(timeout=10) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)


def digest(text: str) -> list[str]:
    return [hashlib.sha256(text.encode()).hexdigest()] if text else []


def phone_digits(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    if FAULT == "wrong-country-code":
        # The country code of the first market is put before every number.
        return "44" + digits.removeprefix("1")
    return digits


def user_data(customer: dict, visitor: str, request: Request) -> dict:
    """Normalised as Meta wants it, then hashed; what is not to be hashed stays plain."""
    letters = {name: re.sub(r"[\W_]", "", customer[name].lower()) for name in FIELDS}
    address = request.headers.get("x-forwarded-for", request.client.host).split(",")[0].strip()
    data = {
        "em": digest(customer["email"].strip().lower()),
        "ph": digest(phone_digits(customer["phone"])),
        "fn": digest(letters["first_name"]),
        "ln": digest(letters["last_name"]),
        "ct": digest(letters["city"]),
        "st": digest(letters["state"]),
        "zp": digest(customer["zip"].strip().lower().split("-")[0]),
        "country": digest(letters["country"]),
        "external_id": digest(visitor.lower()),
        "client_ip_address": address,
        "client_user_agent": request.headers.get("user-agent", ""),
        "fbp": request.cookies.get("_fbp"),
        "fbc": request.cookies.get("_fbc"),
    }
    return {name: value for name, value in data.items() if value}


async def send(client: httpx.AsyncClient, event: dict) -> None:
    try:
        answer = await client.post(
            f"{GRAPH}/{PIXEL_ID}/events", json={"data": [event], "access_token": TOKEN}
        )
        answer.raise_for_status()
    except httpx.HTTPError as error:
        log.error("a conversion was not taken: %s", error)


def page(request: Request, template: str, identity: dict | None = None, **context):
    visitor = request.cookies.get("visitor") or f"Visitor-{uuid.uuid4()}"
    identity = {"external_id": visitor, **(identity or {})}
    # Inside a script element, so nothing may close it.
    coded = json.dumps(identity).replace("<", "\\u003c")
    answer = templates.TemplateResponse(
        request,
        template,
        {"pixel_id": PIXEL_ID, "identity": coded, "product": PRODUCT, "fields": FIELDS, **context},
    )
    answer.set_cookie("visitor", visitor, httponly=True, samesite="lax")
    return answer


@app.get("/")
async def home(request: Request):
    return page(request, "home.html")


@app.get("/checkout")
async def checkout(request: Request):
    return page(request, "checkout.html")


@app.post("/order")
async def order(request: Request, later: BackgroundTasks):
    form = await request.form()
    customer = {name: str(form.get(name, "")) for name in FIELDS}
    visitor = request.cookies.get("visitor", "")
    number, event_id = next(numbers), str(uuid.uuid4())
    orders[number] = {"visitor": visitor, "event_id": event_id, "customer": customer}
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    event = {
        "event_name": "Purchase",
        "event_time": int(time.time()),
        "event_id": event_id,
        "event_source_url": f"{scheme}://{request.headers['host']}/thank-you/{number}",
        "action_source": "website",
        "user_data": user_data(customer, visitor, request),
        "custom_data": {
            "value": PRODUCT["price"],
            "currency": "USD",
            "content_type": "product",
            "content_ids": [PRODUCT["id"]],
            "contents": [{"id": PRODUCT["id"], "quantity": 1, "item_price": PRODUCT["price"]}],
            "num_items": 1,
            "order_id": str(number),
        },
    }
    later.add_task(send, app.state.client, event)
    return RedirectResponse(f"/thank-you/{number}", status_code=303)


@app.get("/thank-you/{number}")
async def thank_you(request: Request, number: int):
    placed = orders.get(number)
    if placed is None or placed["visitor"] != request.cookies.get("visitor"):
        raise HTTPException(404)
    # The pixel tells of an order once, however often its page is loaded.
    event_id = placed.pop("event_id", None)
    customer = placed["customer"]
    identity = {
        "em": customer["email"],
        "ph": customer["phone"],
        "fn": customer["first_name"],
        "ln": customer["last_name"],
        "ct": customer["city"],
        "st": customer["state"],
        "zp": customer["zip"],
        "country": customer["country"],
    }
    return page(request, "thank_you.html", identity, number=number, event_id=event_id)
