//! The stand-in pixel script against recordings of the real one, under Node.
//!
//! Same calls, same requests: names, values and order, apart from what differs from
//! run to run (times) and what the stand-in does not have (experiments).
//! Skipped, visibly, where there is no Node.

use std::fs;
use std::process::Command;

use countonce::capture::Request;
use countonce::platform::{PLATFORMS, PixelScript};
use serde::Deserialize;
use serde_json::{Value, json};

/// Version and times of a hit, and what only the real script has.
const INCOMPARABLE: [&str; 4] = ["ts", "it", "v", "r"];

#[derive(Debug, Deserialize)]
struct Seen {
    hits: Vec<Hit>,
    warnings: Vec<String>,
    jar: Value,
    error: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Hit {
    step: usize,
    via: String,
    url: String,
    body: Option<Vec<(String, String)>>,
}

impl Hit {
    /// Names as they stand on the wire and decoded values, in order.
    fn fields(&self) -> Vec<(String, String)> {
        self.body.clone().unwrap_or_else(|| fields_of(&self.url))
    }

    fn get(&self, name: &str) -> Option<String> {
        self.fields().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

fn fields_of(url: &str) -> Vec<(String, String)> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                name.to_owned(),
                percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned(),
            )
        })
        .collect()
}

fn comparable(fields: Vec<(String, String)>) -> Vec<(String, String)> {
    fields
        .into_iter()
        .filter(|(name, _)| !INCOMPARABLE.contains(&name.as_str()) && !name.starts_with("exp"))
        .collect()
}

/// Plays the cases, or says why not.
fn play(cases: &[Value]) -> Option<Vec<Seen>> {
    if Command::new("node").arg("--version").output().is_err() {
        println!("SKIPPED: there is no node to run the stand-in with");
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (script, list) = (folder.path().join("script.js"), folder.path().join("cases.json"));
    fs::write(&script, served()).expect("written");
    fs::write(&list, json!(cases).to_string()).expect("written");
    let harness = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stand_in/harness.js");
    let output =
        Command::new("node").arg(harness).arg(&script).arg(&list).output().expect("node runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Vec<Seen> = serde_json::from_slice(&output.stdout).expect("the harness prints JSON");
    for (seen, case) in seen.iter().zip(cases) {
        assert_eq!(seen.error, None, "{case}");
    }
    Some(seen)
}

/// One case on an ordinary page of a shop.
#[track_caller]
fn play_one(case: &Value) -> Option<Seen> {
    play(std::slice::from_ref(case)).and_then(|mut all| all.pop())
}

fn served() -> Vec<u8> {
    let request = Request {
        method: "GET".into(),
        url: "https://connect.facebook.net/en_US/fbevents.js".into(),
        headers: vec![],
        body: vec![],
    };
    let reply = PLATFORMS
        .iter()
        .find_map(|platform| (platform.answer_hit)(&request, &PixelScript::StandIn, 0))
        .expect("the script is served");
    reply.answer.body
}

fn page(steps: &[&str]) -> Value {
    json!({ "location": "https://www.shop.test/cart?x=1", "steps": steps })
}

fn names(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(|hit| hit.get("ev").unwrap_or_default()).collect()
}

#[test]
fn every_recorded_call_puts_the_same_on_the_wire() {
    let recorded: Vec<Value> = include_str!("../wire/pixel-calls.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("a recorded case"))
        .collect();
    let mut before = String::new();
    let cases: Vec<Value> = recorded
        .iter()
        .map(|case| {
            let call = case["call"].as_str().expect("a call").to_owned();
            // This one goes on where the one before it stopped.
            let prior = if case["case"] == "consent grant releases" { before.clone() } else { String::new() };
            before.clone_from(&call);
            json!({
                "location": "https://shop.example.com/thanks?order=1&email=a%40b.com",
                "referrer": "https://www.google.com/",
                // The recordings were made without cookies.
                "steps": ["LOAD", "fbq('set', 'firstPartyCookies', false); fbq('init', '1234567890');", prior, call],
            })
        })
        .collect();
    let Some(seen) = play(&cases) else { return };
    let mut differing = Vec::new();
    for (case, seen) in recorded.iter().zip(&seen) {
        let theirs: Vec<(String, Vec<(String, String)>)> = case["hits"]
            .as_array()
            .expect("hits")
            .iter()
            .map(|hit| {
                let fields = match hit.get("body") {
                    Some(body) => serde_json::from_value(body.clone()).expect("names and values"),
                    None => fields_of(hit["url"].as_str().expect("an address")),
                };
                (hit["via"].as_str().expect("a transport").to_owned(), comparable(fields))
            })
            .collect();
        let ours: Vec<_> = seen
            .hits
            .iter()
            .filter(|hit| hit.step == 3)
            .map(|hit| (hit.via.clone(), comparable(hit.fields())))
            .collect();
        let complaints = (case["console"].as_array().map_or(0, Vec::len), seen.warnings.len());
        // Older scripts complain about less.
        let silent = case["fbevents"] != "2.9.324";
        if ours != theirs || (!silent && (complaints.0 > 0) != (complaints.1 > 0)) {
            differing.push(format!(
                "{} {}\n  ours   {ours:?} {:?}\n  theirs {theirs:?} {}",
                case["fbevents"], case["call"], seen.warnings, case["console"]
            ));
        }
    }
    assert!(recorded.len() > 100);
    assert!(
        differing.is_empty(),
        "{} of {} differ:\n{}",
        differing.len(),
        recorded.len(),
        differing.join("\n")
    );
}

#[test]
fn user_data_is_digested_as_the_real_script_does() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../vectors/observed.json"))
        .expect("the vectors are JSON");
    // Rows without any recorded shape or digest were too long for an address.
    let rows: Vec<&Value> = rows
        .iter()
        .filter(|row| !row["pixel_2_9_324_hash"].is_null() || !row["pixel_censored_raw"].is_null())
        .collect();
    let cases: Vec<Value> = rows
        .iter()
        .map(|row| {
            let data = json!({ row["field"].as_str().expect("a field"): row["input"] });
            page(&["LOAD", &format!("fbq('init', '1', {data}); fbq('track', 'Lead');")])
        })
        .collect();
    let Some(seen) = play(&cases) else { return };
    let mut differing = Vec::new();
    for (row, seen) in rows.iter().zip(&seen) {
        let field = row["field"].as_str().expect("a field");
        let hit = &seen.hits[0];
        for (name, column) in [
            ("ud", "pixel_2_9_324_hash"),
            ("cud", "pixel_censored_raw"),
            ("ncud", "pixel_censored_normalised"),
        ] {
            let ours = hit.get(&format!("{name}[{field}]"));
            if ours.as_deref() != row[column].as_str() {
                differing.push(format!(
                    "{name}[{field}] of {}: ours {ours:?}, recorded {}",
                    row["input"], row[column]
                ));
            }
        }
    }
    assert!(rows.len() > 1000);
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

#[test]
fn a_recorded_hit_with_user_data_is_reproduced_in_its_order() {
    let recording = include_str!("../wire/pixel-2.9.324-rich-chromium.txt");
    let line = recording
        .lines()
        .find(|line| line.contains("/tr/?id=1234567890&ev=Purchase"))
        .and_then(|line| line.split(' ').nth(3))
        .expect("a recorded Purchase");
    let case = json!({
        "location": "https://shop.test/",
        "userAgent": "Mozilla/5.0 HeadlessChrome/156.0.0.0 Safari/537.36",
        "steps": [
            "screen.width = 800; screen.height = 600;",
            "LOAD",
            "fbq('set', 'firstPartyCookies', false);\
             fbq('init', '1234567890', {em: 'Joe@Example.com ', ph: '+1 (415) 555-0123', fn: 'J\u{f6}e', external_id: 'User-1'});\
             fbq('track', 'PageView');\
             fbq('track', 'Purchase', {value: 1, currency: 'USD', contents: [{id: 'sku1', quantity: 2}], content_type: 'product'}, {eventID: 'p1'});",
        ],
    });
    let Some(seen) = play_one(&case) else { return };
    assert_eq!(comparable(seen.hits[1].fields()), comparable(fields_of(line)));
}

#[test]
fn long_hits_are_forms_in_chrome_and_beacons_elsewhere() {
    let long = "fbq('init', '1'); fbq('trackCustom', 'Long', {t: 'x'.repeat(3000)})";
    for (agent, vendor, via, method) in [
        ("Mozilla/5.0 Chrome/156.0.0.0 Safari/537.36", "Google Inc.", "form", "formPOST"),
        ("Mozilla/5.0 Gecko/20100101 Firefox/153.0", "", "sendBeacon", "SB"),
        ("Mozilla/5.0 AppleWebKit/605.1 Safari/605.1", "Apple Computer, Inc.", "sendBeacon", "SB"),
    ] {
        let case = json!({ "location": "https://shop.test/", "userAgent": agent, "vendor": vendor, "steps": ["LOAD", long] });
        let Some(seen) = play_one(&case) else { return };
        let [hit] = &seen.hits[..] else { panic!("one hit") };
        assert_eq!((hit.via.as_str(), hit.url.as_str()), (via, "https://www.facebook.com/tr/"));
        assert_eq!(hit.fields().last(), Some(&("rqm".to_owned(), method.to_owned())));
    }
}

#[test]
fn hits_of_a_page_that_goes_away_are_kept_alive() {
    let track = "fbq('track', 'Lead', {}, {eventID: 'a'});";
    let long = "fbq('trackCustom', 'Long', {t: 'x'.repeat(3000)});";
    let case = json!({
        "location": "https://shop.test/", "vendor": "Google Inc.",
        "steps": ["LOAD", "fbq('init', '1');", track, "happen('pagehide');", track, long, "happen('pageshow');", track],
    });
    let Some(seen) = play_one(&case) else { return };
    let vias: Vec<&str> = seen.hits.iter().map(|hit| hit.via.as_str()).collect();
    assert_eq!(vias, ["img", "keepalive", "sendBeacon", "img"]);
    assert_eq!(seen.hits[1].get("rqm").as_deref(), Some("GET"));
}

#[test]
fn the_queue_of_the_snippet_is_replayed_in_order() {
    let Some(seen) = play_one(&page(&[
        "fbq('init', '1'); fbq('track', 'PageView'); fbq('track', 'Lead', {}, {eventID: 'q'});",
        "LOAD",
        "fbq('track', 'Search');",
    ])) else {
        return;
    };
    assert_eq!(names(&seen.hits), ["PageView", "Lead", "Search"]);
    let counters: Vec<_> = seen.hits.iter().filter_map(|hit| hit.get("ec")).collect();
    assert_eq!(counters, ["0", "1", "2"]);
    // Without a snippet the script makes fbq itself; loaded twice it stays with the first.
    let mut bare = page(&["LOAD", "LOAD", "fbq('init', '1'); fbq('track', 'Lead');"]);
    bare["snippet"] = json!(false);
    let Some(seen) = play_one(&bare) else { return };
    assert_eq!(names(&seen.hits), ["Lead"]);
    assert!(seen.warnings[0].starts_with("[countonce pixel stand-in] - "), "{:?}", seen.warnings);
}

#[test]
fn several_pixels_each_get_their_own() {
    let Some(seen) = play_one(&page(&[
        "LOAD",
        "fbq('init', '1', {em: 'a@b.test'}, {agent: 'tmtest'}); fbq('init', '2');\
         fbq('track', 'Lead'); fbq('trackSingle', '2', 'Search'); fbq('trackSingleCustom', 1, 'Mine'); fbq('trackSingle', '3', 'Lost');",
    ])) else {
        return;
    };
    let shown: Vec<_> = seen
        .hits
        .iter()
        .map(|hit| {
            let get = |name: &str| hit.get(name).unwrap_or_else(|| "-".into());
            [get("id"), get("ev"), get("tm"), get("ec"), get("a")].join(" ")
        })
        .collect();
    assert_eq!(shown, ["1 Lead - 0 tmtest", "2 Lead - 0 -", "2 Search 1 1 -", "1 Mine 2 1 tmtest"]);
    assert!(seen.hits[0].get("ud[em]").is_some() && seen.hits[1].get("ud[em]").is_none());
}

#[test]
fn user_data_can_come_late_and_under_other_names() {
    let Some(seen) = play_one(&page(&[
        "LOAD",
        "fbq('init', '1'); fbq('track', 'Lead');\
         fbq('init', '1', {Email: 'a@b.test', firstName: 'Ann', uid: 7}); fbq('track', 'Lead');\
         fbq('set', 'userData', {em: 'c@d.test'}); fbq('track', 'Lead');",
    ])) else {
        return;
    };
    let keys = |hit: &Hit| -> Vec<String> {
        hit.fields()
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| name.starts_with("ud["))
            .collect()
    };
    assert_eq!(keys(&seen.hits[0]), [""; 0]);
    assert_eq!(keys(&seen.hits[1]), ["ud[em]", "ud[fn]", "ud[external_id]"]);
    assert_ne!(seen.hits[1].get("ud[em]"), seen.hits[2].get("ud[em]"));
}

#[test]
fn consent_holds_everything_back_until_it_is_granted() {
    let Some(seen) = play_one(&page(&[
        "LOAD",
        "fbq('consent', 'revoke'); fbq('init', '1'); fbq('track', 'PageView'); fbq('track', 'Lead', {value: 1}, {eventID: 'x'});\
         history.pushState(null, '', '/next');",
        "fbq('consent', 'grant');",
    ])) else {
        return;
    };
    assert_eq!(names(&seen.hits), ["PageView", "Lead", "PageView"]);
    assert!(seen.hits.iter().all(|hit| hit.step == 2));
    assert_eq!(seen.hits[1].get("eid").as_deref(), Some("x"));
    let Some(refused) = play_one(&page(&[
        "LOAD",
        "fbq('consent', 'revoke'); fbq('init', '1'); fbq('track', 'PageView');",
    ])) else {
        return;
    };
    assert_eq!((refused.hits.len(), refused.jar), (0, json!({})));
}

#[test]
fn a_changed_address_is_a_page_view_nobody_asked_for() {
    let start = "fbq('init', '1'); fbq('track', 'PageView', {}, {eventID: 'p'});";
    let Some(seen) = play_one(&page(&[
        "LOAD",
        start,
        "history.pushState(null, '', '/a'); history.replaceState(null, '', '/a'); history.replaceState(null, '', '/b');",
        "go('/c'); happen('popstate');",
        "fbq('track', 'PageView', {}, {eventID: 'own'});",
        "happen('pageshow', {persisted: true});",
    ])) else {
        return;
    };
    let shown: Vec<_> = seen
        .hits
        .iter()
        .map(|hit| {
            (hit.step, hit.get("dl").unwrap_or_default(), hit.get("eid").unwrap_or_default())
        })
        .collect();
    let at =
        |step, path: &str, id: &str| (step, format!("https://www.shop.test{path}"), id.to_owned());
    assert_eq!(
        shown,
        [
            at(1, "/cart?x=1", "p"),
            at(2, "/a", ""),
            at(2, "/b", ""),
            at(3, "/c", ""),
            at(4, "/c", "own"),
            at(5, "/c", "")
        ]
    );
    let Some(off) = play_one(&page(&[
        "LOAD",
        "fbq.disablePushState = true;",
        start,
        "history.pushState(null, '', '/a');",
    ])) else {
        return;
    };
    assert_eq!(off.hits.len(), 1);
}

#[test]
fn cookies_are_made_kept_and_renewed_as_documented() {
    let track = "fbq('init', '1'); fbq('track', 'Lead');";
    let visit = |location: &str, cookies: &str| {
        play_one(&json!({ "location": location, "cookies": cookies, "steps": ["LOAD", track] }))
    };
    let Some(seen) = visit("https://www.shop.test/?a=1&fbclid=Iw.AR_1-x", "") else { return };
    let (fbp, fbc) = (seen.hits[0].get("fbp").expect("fbp"), seen.hits[0].get("fbc").expect("fbc"));
    let parts: Vec<&str> = fbp.split('.').collect();
    assert_eq!((parts.len(), parts[0], parts[1]), (4, "fb", "1"), "{fbp}");
    assert_eq!((parts[2].len(), parts[3].len() <= 18), (13, true), "{fbp}");
    assert!(fbc.starts_with("fb.1.1") && fbc.ends_with(".Iw__DOT__AR_1-x"), "{fbc}");
    for name in ["_fbp", "_fbc"] {
        let set = &seen.jar[name];
        assert_eq!(
            (&set["domain"], &set["path"], &set["samesite"]),
            (&json!(".shop.test"), &json!("/"), &json!("Lax")),
            "{name}"
        );
        assert!(set["expires"].is_string());
    }
    // The same click keeps its time; another one replaces it; none keeps it.
    let stored = "_fbp=fb.1.1700000000000.42; _fbc=fb.1.1700000000000.old";
    for (location, kept) in [
        ("https://www.shop.test/?fbclid=old", true),
        ("https://www.shop.test/", true),
        ("https://www.shop.test/?fbclid=new", false),
        ("https://www.shop.test/?fbclid=javascript%3Ax", true),
        (&format!("https://www.shop.test/?fbclid={}", "x".repeat(501)), true),
    ] {
        let Some(seen) = visit(location, stored) else { return };
        assert_eq!(seen.hits[0].get("fbp").as_deref(), Some("fb.1.1700000000000.42"));
        assert_eq!(
            seen.hits[0].get("fbc").as_deref() == Some("fb.1.1700000000000.old"),
            kept,
            "{location}"
        );
        assert!(seen.jar["_fbp"]["expires"].is_string(), "renewed");
    }
    // The widest domain that takes a cookie; a part appended by Meta's library is kept.
    for (location, index, domain) in [
        ("https://a.b.shop.co.uk/", "2", json!(".shop.co.uk")),
        ("https://shop.test/", "1", json!(".shop.test")),
        ("http://localhost:3000/", "0", Value::Null),
        ("http://127.0.0.1:3000/", "0", Value::Null),
    ] {
        let Some(seen) = visit(location, "") else { return };
        assert_eq!(
            seen.hits[0]
                .get("fbp")
                .and_then(|fbp| fbp.split('.').nth(1).map(str::to_owned))
                .as_deref(),
            Some(index),
            "{location}"
        );
        assert_eq!(seen.jar["_fbp"]["domain"], domain, "{location}");
    }
    let appended = "_fbp=fb.1.1700000000000.42.AQICAQMC";
    let Some(seen) = visit("https://shop.test/", appended) else { return };
    assert_eq!(seen.hits[0].get("fbp").as_deref(), Some("fb.1.1700000000000.42.AQICAQMC"));
    // From the referrer, and not at all where cookies are off.
    let Some(seen) = play_one(
        &json!({ "location": "https://shop.test/", "referrer": "https://l.test/?fbclid=ref", "steps": ["LOAD", track] }),
    ) else {
        return;
    };
    assert!(seen.hits[0].get("fbc").is_some_and(|fbc| fbc.ends_with(".ref")));
    let Some(seen) = play_one(
        &json!({ "location": "https://shop.test/?fbclid=x", "noCookies": true, "steps": ["LOAD", track] }),
    ) else {
        return;
    };
    assert_eq!((seen.hits[0].get("fbp"), seen.hits[0].get("fbc")), (None, None));
}

#[test]
fn no_argument_breaks_the_page() {
    let Some(seen) = play_one(&page(&[
        "LOAD",
        "fbq(); fbq('nonsense'); fbq('init'); fbq('init', 'abc'); fbq('init', '0'); fbq('init', '1', null); fbq('init', '2', 'text');\
         fbq('set'); fbq('set', 'userData'); fbq('consent'); fbq('dataProcessingOptions', 'LDU'); fbq('track', 'Lead', Symbol('x'));\
         var loop = {}; loop.me = loop; fbq('track', 'Lead', {loop: loop}); fbq('__proto__'); fbq('constructor');\
         fbq('set', 'userData', {em: {}, ph: undefined, fn: '\\ud800'});",
        "fbq('trackSingle', '1', 'Search', {ok: 1});",
    ])) else {
        return;
    };
    let last = seen.hits.last().expect("a hit");
    assert_eq!(
        (last.get("ev").as_deref(), last.get("cd[ok]").as_deref()),
        (Some("Search"), Some("1"))
    );
    assert!(last.get("v").is_some_and(|version| version.ends_with("-standin")));
}
