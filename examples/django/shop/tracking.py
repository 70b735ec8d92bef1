"""Tells Meta's Conversions API of purchases, by Meta's own SDK, off the visitor's way."""
import hashlib
import logging
import re
import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.content import Content
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.event_request import EventRequest
from facebook_business.adobjects.serverside.user_data import UserData
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookError

log = logging.getLogger(__name__)
FacebookAdsApi.init(access_token=settings.ACCESS_TOKEN)
sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conversions")


def external_id_of(visitor):
    # The SDK hashes e-mail and telephone and leaves this one as it is; the pixel sends the
    # digest of the lower-cased id.
    if settings.FAULT == "cased-external-id":
        # What most code does that hashes it by itself.
        return hashlib.sha256(visitor.encode()).hexdigest()
    return hashlib.sha256(visitor.strip().lower().encode()).hexdigest()


def letters(name):
    """A name as the pixel prepares it; the SDK would keep its punctuation."""
    return re.sub(r"[\W_]", "", name.lower())


def purchase(*, event_id, url, product, number, customer, external_id, address, user_agent, fbp, fbc):
    user = UserData(
        email=customer["email"],
        phone=customer["phone"],
        first_name=letters(customer["first_name"]),
        last_name=letters(customer["last_name"]),
        city=customer["city"],
        state=customer["state"],
        zip_code=customer["zip"],
        country_code=customer["country"],
        external_id=external_id_of(external_id),
        client_ip_address=address,
        client_user_agent=user_agent,
        fbp=fbp,
        fbc=fbc,
    )
    order = CustomData(
        value=product["price"],
        currency="USD",
        content_type="product",
        content_ids=[product["id"]],
        contents=[Content(product_id=product["id"], quantity=1, item_price=product["price"])],
        num_items=1,
        order_id=str(number),
    )
    event = Event(
        event_name="Purchase",
        event_time=int(time.time()),
        event_id=event_id,
        event_source_url=url,
        action_source=ActionSource.WEBSITE,
        user_data=user,
        custom_data=order,
    )
    sender.submit(send, EventRequest(pixel_id=settings.PIXEL_ID, events=[event]))


def send(request):
    try:
        request.execute()
    except FacebookError:
        log.exception("a conversion was not taken")
