//! What the stand-in does where no recording says it: transports, queue, consent,
//! single-page applications, cookies, nonsense.

use serde_json::{Value, json};

use super::{Hit, names, page, play_one};

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
    assert!(seen.hits[0].get("fbc").is_some_and(|fbc| fbc.split('.').nth(3) == Some("ref")));
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
