"""Home, checkout, order, thank-you page."""
import itertools
import threading
import uuid

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from . import tracking

PRODUCT = {"id": "mug-blue", "name": "Blue mug", "price": 42.00}
FIELDS = ["email", "phone", "first_name", "last_name", "city", "state", "zip", "country"]

# Orders live in memory: this is an example.
orders = {}
numbers = itertools.count(1001)
lock = threading.Lock()


def visitor(request):
    """The visitor's own id, the same on both channels."""
    return request.session.setdefault("visitor", f"Visitor-{uuid.uuid4()}")


def page(request, template, **context):
    identity = {"external_id": visitor(request)}
    return render(
        request,
        template,
        {"pixel_id": settings.PIXEL_ID, "identity": identity, "product": PRODUCT, **context},
    )


@require_GET
def home(request):
    return page(request, "home.html")


@require_GET
def checkout(request):
    return page(request, "checkout.html", fields=FIELDS)


@require_POST
def order(request):
    with lock:
        number = next(numbers)
    event_id = str(uuid.uuid4())
    customer = {name: request.POST.get(name, "") for name in FIELDS}
    orders[number] = {"visitor": visitor(request), "event_id": event_id, "customer": customer}
    tracking.purchase(
        event_id=event_id,
        url=request.build_absolute_uri(f"/thank-you/{number}"),
        product=PRODUCT,
        number=number,
        customer=customer,
        external_id=visitor(request),
        address=request.META.get("HTTP_X_FORWARDED_FOR", request.META["REMOTE_ADDR"]).split(",")[0],
        user_agent=request.META.get("HTTP_USER_AGENT", ""),
        fbp=request.COOKIES.get("_fbp"),
        fbc=request.COOKIES.get("_fbc"),
    )
    return redirect(f"/thank-you/{number}")


@require_GET
def thank_you(request, number):
    placed = orders.get(number)
    if placed is None or placed["visitor"] != visitor(request):
        raise Http404
    # The pixel tells of an order once, however often its page is loaded.
    event_id = placed.pop("event_id", None)
    customer = placed["customer"]
    identity = {
        "external_id": visitor(request),
        "em": customer["email"],
        "ph": customer["phone"],
        "fn": customer["first_name"],
        "ln": customer["last_name"],
        "ct": customer["city"],
        "st": customer["state"],
        "zp": customer["zip"],
        "country": customer["country"],
    }
    return page(request, "thank_you.html", number=number, event_id=event_id, identity=identity)
