//! How each planted fault shows in what a walk through the shop left behind.

use serde_json::{Value, json};

use super::PIXEL;
use super::browser::{ADDRESS, Fired};
use super::tour::{CLICK, Tour};
use crate::platform::meta::normalise::digest;

type Proof = fn(&Tour) -> bool;

/// The fault's name, and the question that only a shop with it answers with yes.
pub(super) const PROOFS: &[(&str, Proof)] = &[
    ("two-integrations", |t| counts(t, "Purchase") == (2, 2) && paired(t, "Purchase")),
    ("purchase-lost", |t| counts(t, "Purchase") == (0, 0)),
    ("lead-on-view", |t| counts(t, "Lead") == (2, 2) && paired(t, "Lead")),
    ("server-forgets-purchase", |t| counts(t, "Purchase") == (1, 0)),
    ("first-purchase-lost", |t| counts(t, "Purchase") == (1, 0)),
    ("browser-skips-purchase", |t| counts(t, "Purchase") == (0, 1)),
    ("browser-fires-twice", |t| counts(t, "Purchase") == (2, 1) && paired(t, "Purchase")),
    ("click-bound-twice", |t| counts(t, "AddToCart") == (2, 1) && !paired(t, "AddToCart")),
    ("refired-on-reload", |t| counts(t, "Purchase") == (2, 1) && paired(t, "Purchase")),
    ("webhook-and-handler", |t| counts(t, "Purchase") == (1, 2) && paired(t, "Purchase")),
    ("untracked", |t| t.buyer.fired.is_empty() && t.sent.calls.is_empty()),
    ("no-id-in-browser", |t| browser(t, |fired| fired.id == Value::Null)),
    ("no-id-on-server", |t| server(t, |event| event.get("event_id").is_none())),
    ("empty-id", |t| browser(t, |fired| fired.id == "")),
    ("id-among-parameters", |t| {
        let id = t.server_purchase().map(|event| event["event_id"].clone());
        browser(t, |fired| fired.id.is_null() && Some(&fired.params["eventID"]) == id.as_ref())
    }),
    ("id-regenerated", |t| {
        ids(t, |browser, server| {
            browser != server && server.len() == 36 && !same_but_case(browser, server)
        })
    }),
    ("id-upper-cased", |t| {
        ids(t, |browser, server| browser != server && same_but_case(browser, server))
    }),
    ("id-prefixed", |t| ids(t, |browser, server| server == format!("order-{browser}"))),
    ("id-with-white-space", |t| ids(t, |browser, server| server == format!("{browser}\n"))),
    ("id-truncated", |t| ids(t, |browser, server| browser.len() == 36 && server == &browser[..20])),
    ("id-leading-zeros", |t| {
        let number = t.server_purchase().and_then(|event| event["event_id"].as_u64());
        browser(t, |fired| {
            let text = fired.id.as_str().unwrap_or_default();
            number.is_some() && text.starts_with('0') && text.parse().ok() == number
        })
    }),
    ("id-reused", |t| t.fired("ViewContent").iter().all(|fired| fired.id == "cached-view")),
    ("id-from-clock", |t| ids(t, |browser, server| browser == server && browser.len() == 13)),
    ("event-name-in-lower-case", |t| {
        counts(t, "Purchase") == (1, 0) && counts(t, "purchase") == (0, 1)
    }),
    ("other-dataset", |t| {
        !t.sent.calls.is_empty() && t.sent.calls.iter().all(|call| !call.path.contains(PIXEL))
    }),
    ("value-without-tax", |t| server(t, |event| event["custom_data"]["value"] == json!(70.59))),
    ("value-in-cents", |t| server(t, |event| event["custom_data"]["value"] == json!(8400.0))),
    ("currency-hard-coded", |t| server(t, |event| event["custom_data"]["currency"] == "CHF")),
    ("parent-product-ids", |t| {
        server(t, |event| {
            event["custom_data"]["content_ids"] == json!(["MUG"])
                && event["custom_data"]["contents"][0]["id"] == "MUG"
        })
    }),
    ("source-url-of-home-page", |t| {
        server(t, |event| event["event_source_url"] == "https://shop.test/")
    }),
    ("event-name-misspelt", |t| {
        counts(t, "AddToCart") == (0, 0) && counts(t, "Add To Cart") == (1, 1)
    }),
    ("no-value-in-browser", |t| browser(t, |fired| fired.params.get("value").is_none())),
    ("no-value-on-server", |t| server(t, |event| event["custom_data"].get("value").is_none())),
    ("no-currency-in-browser", |t| browser(t, |fired| fired.params.get("currency").is_none())),
    ("no-currency-on-server", |t| {
        server(t, |event| event["custom_data"].get("currency").is_none())
    }),
    ("currency-symbol", |t| server(t, |event| event["custom_data"]["currency"] == "$")),
    ("value-as-text", |t| browser(t, |fired| fired.params["value"] == "$ 84,00")),
    ("contents-as-script", |t| {
        browser(t, |fired| {
            fired.params["contents"]
                .as_str()
                .is_some_and(|text| text.starts_with("[{'id':'MUG-BLUE'"))
        })
    }),
    ("empty-content-ids", |t| server(t, |event| event["custom_data"]["content_ids"] == json!([]))),
    ("undefined-order-id", |t| browser(t, |fired| fired.params["order_id"] == "undefined")),
    ("time-in-milliseconds", |t| age(t).is_some_and(|age| age < -1_000_000_000)),
    ("time-in-future", |t| age(t).is_some_and(|age| (-7200..-7100).contains(&age))),
    ("time-stale", |t| age(t).is_some_and(|age| age >= 9 * 86_400)),
    ("no-action-source", |t| server(t, |event| event.get("action_source").is_none())),
    ("relative-source-url", |t| server(t, |event| event["event_source_url"] == "/thank-you")),
    ("plain-email", |t| key(t, "em", |em| *em == json!(["Ada.Byron@Example.org"]))),
    ("hashed-browser-id", |t| {
        let cookie = t.buyer.cookies.get("_fbp").map(|fbp| digest(fbp));
        key(t, "fbp", |fbp| fbp.as_str() == cookie.as_deref())
    }),
    ("upper-case-digest", |t| key(t, "em", |em| *em == json!([digest(EMAIL).to_uppercase()]))),
    ("md5-digest", |t| key(t, "em", |em| em[0].as_str().is_some_and(|text| text.len() == 32))),
    ("digest-of-nothing", |t| {
        key(t, "em", |em| em[0].as_str().is_some_and(|text| text.starts_with("e3b0c44298fc1c14")))
    }),
    ("double-hash", |t| key(t, "em", |em| *em == json!([digest(&digest(EMAIL))]))),
    ("email-in-upper-case", |t| key(t, "em", |em| *em == json!([digest("ADA.BYRON@EXAMPLE.ORG")]))),
    ("swapped-names", |t| {
        key(t, "fn", |text| *text == json!([digest("obyron")]))
            && key(t, "ln", |text| *text == json!([digest("ada")]))
    }),
    ("national-phone", |t| key(t, "ph", |ph| *ph == json!([digest("2025550147")]))),
    ("alias-address", |t| {
        key(t, "em", |em| {
            em[0].as_str().is_some_and(|text| text.len() == 64)
                && ![EMAIL, "", "test@test.com", "ADA.BYRON@EXAMPLE.ORG"]
                    .map(|text| json!([digest(text)]))
                    .contains(em)
        })
    }),
    ("placeholder-email", |t| key(t, "em", |em| *em == json!([digest("test@test.com")]))),
    ("fbc-in-seconds", |t| fbc(t, |time, click| time.len() == 10 && click == CLICK)),
    ("fbc-made-anew", |t| {
        fbc(t, |time, click| time.len() == 13 && click == CLICK && !landed(t, time))
    }),
    ("fbc-lower-cased", |t| fbc(t, |time, click| landed(t, time) && click == CLICK.to_lowercase())),
    ("fbc-forgotten", |t| server(t, |event| event["user_data"].get("fbc").is_none())),
    ("fbp-per-request", |t| {
        let values = t.sent.events.iter().map(|event| event["user_data"]["fbp"].to_string());
        values.collect::<std::collections::BTreeSet<_>>().len() > 10
    }),
    ("fbp-cut", |t| {
        let cookie = t.buyer.cookies.get("_fbp").cloned().unwrap_or_default();
        key(t, "fbp", |fbp| {
            fbp.as_str()
                .is_some_and(|text| cookie.len() == text.len() + 4 && cookie.starts_with(text))
        })
    }),
    ("fbp-of-the-worker", |t| key(t, "fbp", |fbp| *fbp == "fb.1.1700000000000.1234567890")),
    ("address-of-load-balancer", |t| key(t, "client_ip_address", |ip| *ip == "10.0.3.17")),
    ("forwarded-list", |t| {
        key(t, "client_ip_address", |ip| *ip == json!(format!("{ADDRESS}, 10.0.3.17")))
    }),
    ("no-user-agent", |t| server(t, |event| event["user_data"].get("client_user_agent").is_none())),
    ("own-user-agent", |t| key(t, "client_user_agent", |agent| *agent == "axios/1.7.9")),
    ("email-under-wrong-name", |t| {
        server(t, |event| event["user_data"].get("em").is_none())
            && key(t, "email", |em| *em == json!([digest(EMAIL)]))
    }),
    ("place-only", |t| keys(t) == ["ct", "country", "client_user_agent"]),
    ("guest-forgotten", |t| {
        keys(t) == ["external_id", "fbp", "fbc", "client_ip_address", "client_user_agent"]
    }),
    ("no-advanced-matching", |t| t.buyer.matching.iter().all(serde_json::Map::is_empty)),
    ("email-in-url", |t| {
        t.sent.events.iter().any(|event| {
            event["event_source_url"]
                .as_str()
                .is_some_and(|url| url.contains("email=Ada%2EByron%40"))
        })
    }),
    ("email-in-parameters", |t| {
        let given = |data: &Value| data["customer_email"] == "Ada.Byron@Example.org";
        browser(t, |fired| given(&fired.params)) && server(t, |event| given(&event["custom_data"]))
    }),
    ("pixel-ignores-refusal", |t| !t.refuser.fired.is_empty() && t.refused() == 0),
    ("server-ignores-refusal", |t| t.refuser.fired.is_empty() && t.refused() > 0),
    ("token-in-page", |t| t.buyer.html.contains("access_token=EAATestsOnly")),
    ("test-code-left-on", |t| {
        !t.sent.calls.is_empty()
            && t.sent.calls.iter().all(|call| {
                let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
                body["test_event_code"] == "TEST31415" && body["data"].is_array()
            })
    }),
    ("broken-json", |t| {
        let broken = |body: &str| serde_json::from_str::<Value>(body).is_err();
        let mut bodies = t.sent.calls.iter().map(|call| call.body.as_str());
        bodies.clone().filter(|body| broken(body)).count() == 1
            && bodies.any(|body| broken(body) && body.contains("Purchase"))
    }),
    ("retry-with-new-id", |t| counts(t, "Purchase") == (1, 2) && !paired(t, "Purchase")),
    ("retry-with-new-time", |t| {
        let served = t.served("Purchase");
        counts(t, "Purchase") == (1, 2)
            && paired(t, "Purchase")
            && served[0]["event_time"] != served[1]["event_time"]
    }),
    ("image-for-all", |t| {
        t.buyer.html.contains("noscript=1") && !t.buyer.html.contains("<noscript>")
    }),
    ("old-api-version", |t| {
        !t.sent.calls.is_empty() && t.sent.calls.iter().all(|call| call.path.starts_with("/v13.0/"))
    }),
    ("fbc-without-click", |t| {
        key(t, "fbc", |value| value.as_str().is_some_and(|text| text.split('.').count() == 3))
    }),
    ("fbp-with-a-date", |t| key(t, "fbp", |fbp| *fbp == "fb.1.20260923.1234567890")),
    ("time-as-text", |t| server(t, |event| event["event_time"] == "2026-09-23 14:05:00")),
    ("action-source-of-the-app", |t| server(t, |event| event["action_source"] == "app")),
    ("action-source-web", |t| server(t, |event| event["action_source"] == "web")),
    ("no-source-url", |t| server(t, |event| event.get("event_source_url").is_none())),
    ("staging-source-url", |t| {
        server(t, |event| event["event_source_url"] == "http://localhost:3000/thank-you")
    }),
    ("no-content-type", |t| {
        paired(t, "ViewContent")
            && t.fired("ViewContent").iter().all(|fired| fired.params.get("content_type").is_none())
    }),
    ("content-type-in-capitals", |t| {
        paired(t, "ViewContent")
            && t.served("ViewContent").iter().all(|e| e["custom_data"]["content_type"] == "Product")
    }),
    ("no-event-name", |t| {
        let nameless = t.sent.events.iter().filter(|event| event.get("event_name").is_none());
        nameless.count() == 1 && counts(t, "Purchase") == (1, 0)
    }),
    ("left-to-a-refused-server", |t| {
        counts(t, "Purchase") == (0, 1) && server(t, |event| event.get("action_source").is_none())
    }),
    ("purchase-on-review", |t| {
        counts(t, "Purchase") == (1, 2)
            && t.served("Purchase").iter().any(|e| e["custom_data"]["content_ids"] == json!([]))
    }),
    ("gateway-beside-server", |t| {
        counts(t, "Purchase") == (1, 2)
            && t.served("Purchase").iter().any(|event| {
                event["event_id"].as_str().is_some_and(|id| id.starts_with("ob3_plugin-set_"))
            })
    }),
    ("id-option-misspelt", |t| t.buyer.html.contains("window.idOption = 'eventId'")),
    ("id-as-object", |t| browser(t, |fired| fired.id["purchase"].is_string())),
    ("no-ids-at-all", |t| {
        browser(t, |fired| fired.id.is_null()) && server(t, |event| event.get("event_id").is_none())
    }),
    ("id-kept-by-the-page", |t| {
        let added = t.fired("AddToCart");
        !added.is_empty() && added.iter().all(|fired| fired.id == "add-to-cart-a81f09")
    }),
    ("event-renamed-in-browser", |t| {
        counts(t, "Purchase") == (0, 1) && counts(t, "OrderCompleted") == (1, 0)
    }),
    ("page-view-ids-differ", |t| {
        let (fired, served) = counts(t, "PageView");
        fired == served && fired > 5 && !paired(t, "PageView")
    }),
    ("page-views-sampled", |t| {
        let (fired, served) = counts(t, "PageView");
        served < fired
            && t.served("PageView")
                .iter()
                .all(|event| event["event_id"].as_str().is_some_and(|id| id.as_bytes()[0] <= b'3'))
    }),
    ("value-with-float-noise", |t| {
        server(t, |event| event["custom_data"]["value"].to_string().len() > 8)
    }),
    ("value-zero", |t| server(t, |event| event["custom_data"]["value"] == json!(0.0))),
    ("delivery-in-own-words", |t| {
        server(t, |event| event["custom_data"]["delivery_category"] == "Home Delivery")
    }),
    ("no-contents", |t| {
        paired(t, "AddToCart")
            && t.fired("AddToCart").iter().all(|fired| fired.params.get("contents").is_none())
    }),
    ("quantity-as-text", |t| browser(t, |fired| fired.params["contents"][0]["quantity"] == "012")),
    ("content-ids-as-text", |t| {
        server(t, |event| event["custom_data"]["content_ids"] == "MUG-BLUE,")
    }),
    ("limited-use-without-country", |t| {
        server(t, |event| event["data_processing_options_state"] == 1000)
    }),
    ("field-of-app-events", |t| server(t, |event| event["advertiser_tracking"] == true)),
    ("time-of-another-zone", |t| age(t).is_some_and(|age| (18_000..18_100).contains(&age))),
    ("language-as-country", |t| key(t, "country", |value| *value == json!([digest("en")]))),
    ("gender-not-given", |t| key(t, "ge", |value| *value == json!([digest("unspecified")]))),
    ("default-birth-date", |t| key(t, "db", |value| *value == json!([digest("01/01/1970")]))),
    ("birth-date-in-american-order", |t| {
        key(t, "db", |value| *value == json!([digest("12/31/1990")]))
    }),
    ("gender-as-a-word", |t| {
        t.buyer.matching.iter().any(|keys| keys.get("ge").is_some_and(|word| word == "Female"))
    }),
    ("undefined-email", |t| {
        t.buyer.matching.iter().all(|keys| keys.get("em").is_some_and(|word| word == "undefined"))
    }),
    ("external-id-with-prefix", |t| {
        let own = t.buyer.matching.last().and_then(|keys| keys["external_id"].as_str());
        let wrong = own.map(|id| json!([digest(&format!("retail-{id}"))]));
        key(t, "external_id", |value| Some(value) == wrong.as_ref())
    }),
    ("user-agent-from-cache", |t| {
        key(t, "client_user_agent", |agent| agent.as_str().is_some_and(|a| a.contains("iPhone")))
    }),
    ("address-of-content-network", |t| {
        t.sent.events.iter().all(|e| e["user_data"]["client_ip_address"] == "34.117.59.81")
    }),
    ("fbc-cut", |t| {
        fbc(t, |time, click| landed(t, time) && CLICK.starts_with(click) && click != CLICK)
    }),
    ("fbc-in-quotes", |t| {
        key(t, "fbc", |value| value.as_str().is_some_and(|text| text.starts_with("\"fb.1.")))
    }),
    ("fbc-of-an-earlier-click", |t| {
        fbc(t, |time, click| !landed(t, time) && click.starts_with("IwAR0earlier"))
    }),
    ("fbc-dated-by-another-clock", |t| {
        fbc(t, |time, click| {
            let stored = time.parse::<i64>().map(|time| (time - 60_000).to_string());
            stored.is_ok_and(|stored| landed(t, &stored)) && click == CLICK
        })
    }),
    ("fbc-late", |t| {
        let landing = t.served("PageView").into_iter().next();
        landing.is_some_and(|event| event["user_data"].get("fbc").is_none())
    }),
    ("click-id-under-wrong-name", |t| key(t, "click_id", |value| *value == CLICK)),
    ("customers-kept-back", |t| {
        keys(t) == ["external_id", "fbp", "fbc", "client_ip_address", "client_user_agent"]
            && t.buyer.matching.iter().all(|keys| keys.len() == 1)
    }),
    ("stale-view-in-batch", |t| {
        let now = jiff::Timestamp::now().as_second();
        t.served("ViewContent")
            .iter()
            .all(|event| event["event_time"].as_i64().is_some_and(|time| now - time >= 9 * 86_400))
    }),
    ("request-too-large", |t| {
        t.sent.calls.iter().any(|call| {
            let body: Value = serde_json::from_str(&call.body).unwrap_or_default();
            body["data"].as_array().is_some_and(|events| events.len() > 1_000)
        })
    }),
    ("slow-queue", |t| t.sent.events.last().is_some_and(|event| event["event_name"] == "Purchase")),
    ("token-in-address", |t| {
        t.sent.calls.iter().all(|call| call.path.contains("?access_token=EAATestsOnly"))
    }),
    ("pixel-loaded-by-plugin", |t| t.buyer.html.contains("window.themePixel = function")),
    ("route-changes-unannounced", |t| t.buyer.html.contains("history.pushState")),
];

const EMAIL: &str = "ada.byron@example.org";

/// How often each channel told of an event.
fn counts(tour: &Tour, name: &str) -> (usize, usize) {
    (tour.fired(name).len(), tour.served(name).len())
}

/// True when every event of that name on either side has the same id as one on the
/// other.
fn paired(tour: &Tour, name: &str) -> bool {
    let (fired, served) = (tour.fired(name), tour.served(name));
    fired.iter().all(|fired| served.iter().any(|event| event["event_id"] == fired.id))
        && served.iter().all(|event| fired.iter().any(|fired| event["event_id"] == fired.id))
}

fn browser(tour: &Tour, is: impl Fn(&Fired) -> bool) -> bool {
    tour.browser_purchase().is_some_and(is)
}

fn server(tour: &Tour, is: impl Fn(&Value) -> bool) -> bool {
    tour.server_purchase().is_some_and(is)
}

fn key(tour: &Tour, name: &str, is: impl Fn(&Value) -> bool) -> bool {
    server(tour, |event| event["user_data"].get(name).is_some_and(&is))
}

fn keys(tour: &Tour) -> Vec<&str> {
    let event = tour.server_purchase().and_then(|event| event["user_data"].as_object());
    event.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

fn ids(tour: &Tour, are: impl Fn(&str, &str) -> bool) -> bool {
    let id = tour.server_purchase().and_then(|event| event["event_id"].as_str());
    id.is_some_and(|id| browser(tour, |fired| fired.id.as_str().is_some_and(|own| are(own, id))))
}

fn same_but_case(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Seconds from the purchase, as the server dates it, to the present.
fn age(tour: &Tour) -> Option<i64> {
    let time = tour.server_purchase()?["event_time"].as_i64()?;
    Some(jiff::Timestamp::now().as_second() - time)
}

/// Asks about time and click id of the purchase's `fbc`.
fn fbc(tour: &Tour, is: impl Fn(&str, &str) -> bool) -> bool {
    key(tour, "fbc", |value| {
        let parts: Vec<&str> = value.as_str().unwrap_or_default().split('.').collect();
        parts.len() == 4 && is(parts[2], parts[3])
    })
}

/// True for the time at which the buyer's click id cookie was made.
fn landed(tour: &Tour, time: &str) -> bool {
    tour.buyer.cookies.get("_fbc").is_some_and(|cookie| cookie.split('.').nth(2) == Some(time))
}
