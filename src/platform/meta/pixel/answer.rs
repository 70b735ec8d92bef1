//! What Meta's hosts answer to a browser: script, configuration, image, silence.
//!
//! Nothing that is asked of these hosts is ever passed on.
//! Never a file: the text of a given script is handed in.

use super::super::stand_in;
use crate::capture::{Answer, Reply, Request, Sighting};
use crate::platform::{PixelScript, meta};

use super::super::address::{self, Purpose};
use super::hit_fields;

const JAVASCRIPT: &str = "application/x-javascript; charset=utf-8";
/// The transparent pixel: GIF, 1 × 1.
const GIF: &[u8] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\
\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

/// Answers a request of a page. `None` when it is not Meta's.
pub(in super::super) fn answer(request: &Request, script: &PixelScript) -> Option<Reply> {
    let purpose = address::purpose(&request.method, &request.url);
    if matches!(purpose, Purpose::Foreign) {
        return None;
    }
    if matches!(purpose, Purpose::Call { .. }) {
        return None;
    }
    if request.method == "OPTIONS" {
        return Some(unrecorded(preflight(request)));
    }
    match purpose {
        Purpose::Script => {
            let text = match script {
                PixelScript::StandIn => stand_in::script(),
                PixelScript::Given { text, .. } => text,
            };
            Some(unrecorded(open(request, Answer::new(200, JAVASCRIPT, text))))
        }
        Purpose::Config(pixel) => {
            let text =
                if address::is_pixel_id(&pixel) { configuration(&pixel) } else { String::new() };
            Some(unrecorded(open(request, Answer::new(200, JAVASCRIPT, text))))
        }
        Purpose::Hit | Purpose::Perhaps => {
            // A foreign address whose body is no hit goes to the site.
            let fields = hit_fields(request);
            if fields.is_none() && matches!(purpose, Purpose::Perhaps) {
                return None;
            }
            let body = if request.method == "GET" {
                Answer::new(200, "image/gif", GIF)
            } else {
                Answer::new(200, "text/plain", "")
            };
            Some(Reply {
                answer: open(request, body),
                record: fields.is_some(),
                sightings: sightings(request),
            })
        }
        _ if address_path_is_script(request) => {
            Some(unrecorded(open(request, Answer::new(200, JAVASCRIPT, ""))))
        }
        _ => Some(unrecorded(open(request, Answer::new(204, "text/plain", "")))),
    }
}

/// Answers a request of a page to a host that the user named: hits by their parameters
/// whatever their path, and the two scripts. `None` leaves all else to whoever is there.
pub(in super::super) fn answer_named(request: &Request, script: &PixelScript) -> Option<Reply> {
    let path = request.path();
    let last = path.rsplit('/').next().unwrap_or_default();
    let javascript =
        |text: &str| Some(unrecorded(open(request, Answer::new(200, JAVASCRIPT, text))));
    if request.method == "GET" && last == "fbevents.js" {
        return match script {
            PixelScript::StandIn => javascript(stand_in::script()),
            PixelScript::Given { text, .. } => javascript(text),
        };
    }
    if request.method == "GET" && path.contains("/signals/config/") && address::is_pixel_id(last) {
        return javascript(&configuration(last));
    }
    hit_fields(request)?;
    let body = match request.method.as_str() {
        "GET" => Answer::new(200, "image/gif", GIF),
        _ => Answer::new(200, "text/plain", ""),
    };
    let answer = open(request, body);
    Some(Reply { answer, record: true, sightings: sightings(request) })
}

/// The smallest configuration after which the real script sends: it waits for
/// `configLoaded` of its pixel (measured with 2.9.94 to 2.9.324).
fn configuration(pixel: &str) -> String {
    format!(
        "fbq.registerPlugin('{pixel}', {{\n  __fbEventsPlugin: 1,\n  plugin: function (queue, instance) {{\n    \
         instance.configLoaded('{pixel}');\n  }}\n}});\n"
    )
}

fn sightings(request: &Request) -> Vec<Sighting> {
    meta::decode_request(request)
        .events
        .iter()
        .map(|event| Sighting { event: event.name().to_owned(), marks: meta::traces(event) })
        .collect()
}

fn unrecorded(answer: Answer) -> Reply {
    Reply { answer, record: false, sightings: Vec::new() }
}

/// Headers that let any page read the answer and no cache keep it.
fn open(request: &Request, answer: Answer) -> Answer {
    let origin = request.header("origin").unwrap_or("*");
    let answer = answer
        .with("cache-control", "no-store")
        .with("cross-origin-resource-policy", "cross-origin")
        .with("access-control-allow-origin", origin);
    if origin == "*" { answer } else { answer.with("access-control-allow-credentials", "true") }
}

fn preflight(request: &Request) -> Answer {
    let wanted = request.header("access-control-request-headers").unwrap_or("content-type");
    open(request, Answer::new(204, "text/plain", ""))
        .with("access-control-allow-methods", "GET, POST, OPTIONS")
        .with("access-control-allow-headers", wanted)
}

fn address_path_is_script(request: &Request) -> bool {
    request
        .path()
        .rsplit_once('.')
        .is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("js"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Request {
        Request {
            method: method.to_owned(),
            url: url.to_owned(),
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn ask(request: &Request) -> Option<Reply> {
        answer(request, &PixelScript::StandIn)
    }

    #[test]
    fn hits_get_an_image_and_are_recorded_with_what_was_seen() {
        let reply = ask(&request(
            "GET",
            "https://www.facebook.com/tr/?id=1&ev=Lead&eid=L-1&fbp=fb.1.2.3",
            &[],
            "",
        ))
        .expect("Meta's");
        assert!(reply.record);
        assert_eq!((reply.answer.status, &reply.answer.body[..6]), (200, &b"GIF89a"[..]));
        assert_eq!(reply.sightings[0].event, "Lead");
        assert_eq!(reply.sightings[0].marks, ["id:Lead:L-1", "fbp:fb.1.2.3"]);

        let form = [("content-type", "application/x-www-form-urlencoded")];
        let reply = ask(&request("POST", "https://www.facebook.com/tr/", &form, "id=1&ev=Lead"))
            .expect("Meta's");
        assert!(reply.record && reply.answer.status == 200 && reply.sightings.len() == 1);
    }

    #[test]
    fn nothing_else_of_meta_is_recorded_and_nothing_is_left_to_the_network() {
        for url in [
            "https://connect.facebook.net/en_US/fbevents.js",
            "https://connect.facebook.net/signals/config/12?v=1",
            "https://connect.facebook.net/signals/plugins/cookie.js",
            "https://connect.facebook.net/log/error?p=pixel",
            "https://www.facebook.com/privacy_sandbox/pixel/register/trigger/?id=1&ev=Lead",
            "https://www.facebook.com/privacy_sandbox/topics/registration/?id=1",
            "https://www.instagram.com/embed.js",
            "https://graph.facebook.com/v26.0/me",
        ] {
            let reply = ask(&request("GET", url, &[], "")).expect(url);
            assert!(!reply.record && reply.sightings.is_empty(), "{url}");
            assert!(reply.answer.status < 300, "{url}");
        }
    }

    #[test]
    fn the_site_keeps_what_is_its_own() {
        assert_eq!(ask(&request("GET", "https://shop.test/tr/", &[], "")), None);
        let form = [("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(ask(&request("POST", "https://shop.test/tr/", &form, "name=Ann")), None);
        let hit =
            ask(&request("POST", "https://shop.test/tr/", &form, "id=12&ev=Lead")).expect("a hit");
        assert!(hit.record);
    }

    #[test]
    fn the_script_and_its_configuration_are_served() {
        let script = "https://connect.facebook.net/de_DE/fbevents.js";
        let own = ask(&request("GET", script, &[], "")).expect("served");
        assert!(String::from_utf8_lossy(&own.answer.body).contains("standin"));
        let given = PixelScript::Given { text: "given()".into(), version: None };
        let reply = answer(&request("GET", script, &[], ""), &given).expect("served");
        assert_eq!(reply.answer.body, b"given()");

        let config = "https://connect.facebook.net/signals/config/";
        let reply = ask(&request("GET", &format!("{config}12?v=2.9"), &[], "")).expect("served");
        assert!(
            String::from_utf8_lossy(&reply.answer.body).contains("instance.configLoaded('12')")
        );
        // What is no pixel id never gets into the script.
        let reply = ask(&request("GET", &format!("{config}1');alert(1"), &[], "")).expect("served");
        assert!(reply.answer.body.is_empty());
    }

    #[test]
    fn preflights_are_granted() {
        let headers = [("origin", "https://shop.test"), ("access-control-request-headers", "x-a")];
        let reply = ask(&request("OPTIONS", "https://www.facebook.com/tr/", &headers, ""))
            .expect("answered");
        let header = |name: &str| {
            reply
                .answer
                .headers
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(header("access-control-allow-origin"), Some("https://shop.test"));
        assert_eq!(header("access-control-allow-headers"), Some("x-a"));
        assert!(!reply.record);
    }

    #[test]
    fn a_named_host_takes_hits_at_any_path_and_leaves_the_rest_alone() {
        let script = PixelScript::StandIn;
        let ask = |method: &str, url: &str, body: &str| {
            let kind = [("content-type", "application/x-www-form-urlencoded")];
            answer_named(&request(method, url, &kind, body), &script)
        };
        let hit =
            ask("POST", "https://gw.shop.test/collect/9", "id=123456&ev=Lead&dl=https%3A%2F%2Fx");
        let hit = hit.expect("answered");
        assert!(hit.record);
        assert_eq!(hit.sightings[0].event, "Lead");
        assert!(ask("GET", "https://gw.shop.test/c?id=123456&ev=Lead&dl=x", "").is_some());
        assert!(ask("GET", "https://gw.shop.test/a/fbevents.js", "").is_some_and(|it| !it.record));
        assert!(ask("GET", "https://gw.shop.test/a/signals/config/123456", "").is_some());
        for (method, url, body) in [
            ("GET", "https://gw.shop.test/c?id=abc&ev=Lead&dl=x", ""),
            ("GET", "https://gw.shop.test/page?id=12", ""),
            ("POST", "https://gw.shop.test/order", "id=123456&name=x"),
        ] {
            assert!(ask(method, url, body).is_none(), "{method} {url}");
        }
    }
}
