//! The quick reading of events against the full decoders and the rules, over every tape
//! and over thousands of events that are nearly right.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use countonce::capture::{Answer, Door, Exchange, Request, read};
use countonce::event::{Channel, Event};
use countonce::platform::PLATFORMS;
use countonce::platform::meta::lean::{Lean, call, hit};
use countonce::rule::judge_event;
use serde_json::Value;

const CAUGHT: i64 = 1_772_452_800_000;

/// An entry of a call by the full decoder.
fn decoded(entry: &str, caught: i64) -> Event {
    let exchange = Exchange {
        number: 1,
        channel: Channel::Server,
        door: Door::ForwardProxy,
        session: None,
        at: caught,
        request: Request {
            method: "POST".into(),
            url: "https://graph.facebook.com/1/events".into(),
            headers: vec![
                ("authorization".into(), "[removed]".into()),
                ("content-type".into(), "application/json".into()),
            ],
            body: format!("{{\"data\":[{entry}]}}").into_bytes(),
        },
        answer: Answer { status: 0, headers: vec![], body: vec![] },
        injected: None,
    };
    (PLATFORMS[0].decode)(&exchange).events.remove(0)
}

fn decoded_hit(query: &str) -> Vec<Event> {
    let exchange = Exchange {
        number: 1,
        channel: Channel::Browser,
        door: Door::Browser,
        session: None,
        at: CAUGHT,
        request: Request {
            method: "GET".into(),
            url: format!("https://www.facebook.com/tr/?{query}"),
            headers: vec![],
            body: vec![],
        },
        answer: Answer { status: 200, headers: vec![], body: vec![] },
        injected: None,
    };
    (PLATFORMS[0].decode)(&exchange).events
}

/// Entries of calls and queries of hits, of every tape.
fn recorded() -> (BTreeSet<String>, BTreeSet<String>) {
    let tapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tapes");
    let (mut entries, mut queries) = (BTreeSet::new(), BTreeSet::new());
    for rule in std::fs::read_dir(tapes).expect("tapes") {
        for tape in std::fs::read_dir(rule.expect("a folder").path()).expect("tapes") {
            let path = tape.expect("a file").path();
            if path.extension().is_none_or(|end| end != "jsonl") {
                continue;
            }
            let (capture, _) = read(&path).expect("a tape");
            for exchange in capture.exchanges {
                if let Some(query) =
                    exchange.request.query().filter(|_| exchange.channel == Channel::Browser)
                {
                    queries.insert(query.to_owned());
                } else if let Ok(body) = serde_json::from_slice::<Value>(&exchange.request.body) {
                    let data = body["data"].as_array().cloned().unwrap_or_default();
                    entries.extend(
                        data.iter().filter(|entry| entry.is_object()).map(Value::to_string),
                    );
                }
            }
        }
    }
    (entries, queries)
}

/// What rules and refusals say, in a form that compares.
fn said(event: &Event) -> Vec<String> {
    let mut words: Vec<String> = judge_event(event)
        .into_iter()
        .map(|found| {
            format!(
                "{}|{:?}|{}|{:?}|{}|{}",
                found.rule, found.event, found.severity, found.cause, found.message, found.fix
            )
        })
        .collect();
    words.push(format!("{:?}", event.refused));
    words.sort();
    words
}

/// The same facts in both ways, but for what each way numbers by itself.
fn assert_alike(lean: &Lean<'_>, event: &Event, text: &str) {
    let full = Lean::of(event);
    assert_eq!(lean.name, full.name, "{text}");
    assert_eq!(lean.id, full.id, "{text}");
    assert_eq!(lean.time, full.time, "{text}");
    assert_eq!(lean.automatic, full.automatic, "{text}");
    assert_eq!(lean.currency, full.currency, "{text}");
    assert_eq!((lean.keys, lean.visitor), (full.keys, full.visitor), "{text}");
    assert_eq!(lean.valid, full.valid, "{text}");
    assert_eq!(lean.order, full.order, "{text}");
    let close = match (lean.value, full.value) {
        (Some(a), Some(b)) => (a - b).abs() <= f64::EPSILON * a.abs(),
        (a, b) => a == b,
    };
    assert!(close, "{:?} {:?} {text}", lean.value, full.value);
}

/// Values that sites put where others belong.
fn oddities() -> Vec<Value> {
    let digest = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f";
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let mut odd: Vec<Value> = [
        "",
        " ",
        "undefined",
        "null",
        "NaN",
        "None",
        "[object Object]",
        "nil ",
        "Nike",
        "unlike",
        "ann@example.com",
        digest,
        &digest[..32],
        &digest[..63],
        nothing,
        "10.0.0.1",
        "8.8.8.8",
        "2001:4860::8888",
        "8.8.8.8, 1.1.1.1",
        "::ffff:1.2.3.4",
        "fb.1.1772452800000.123456789",
        "fb.1.1772452800.123456789",
        "fb.1.1772452800000.IwAR0abcdefghijk",
        "fb.1.1772452800000.IwAR0abc__DOT__efghijk",
        "fb.1.1772452800000.123.AQQCAQIB",
        "fb.2.20260302.7",
        "Mozilla/5.0 (X11) Gecko",
        "python-requests/2.31",
        "axios/1.7",
        "https://shop.test/a?b=c",
        "https://1.2.3.4/",
        "/relative",
        "shop.test/a",
        "http://",
        "https://xn--/",
        "USD",
        "usd",
        "US$",
        "42.00",
        "42,00",
        "$42",
        "1e5",
        "-5",
        "0042",
        "product",
        "Product",
        "website",
        "web site",
        "app",
        "[]",
        "{}",
        "[1,2",
        "a\"b\\c",
        "täglich",
        "1772452800",
        "1772452800000",
        "2026-03-02",
        "LDU",
        "n/a",
    ]
    .iter()
    .map(|text| Value::from(*text))
    .collect();
    odd.push(Value::from(digest.to_uppercase()));
    odd.push(Value::from(format!("{digest}.AQQCAQIB")));
    odd.extend(
        [
            "null",
            "true",
            "0",
            "42",
            "42.5",
            "-1",
            "1772452800",
            "1772452800000",
            "1771000000",
            "1760000000",
            "1772453800",
            "[]",
            "{}",
            "[null]",
            "[\"\"]",
            "[\"a\",\"b\"]",
            "[1,2]",
            "[true]",
            "{\"a\":1}",
            "[{\"id\":\"a\",\"quantity\":1}]",
            "[{\"id\":\"a\"}]",
            "[{\"id\":\"a\",\"quantity\":\"1\"}]",
            "[{\"id\":\"a\",\"quantity\":1,\"item_price\":\"5\"}]",
            "[{\"id\":null,\"quantity\":1}]",
            "[{\"id\":\"a\",\"quantity\":0}]",
            "[{\"id\":\"a\",\"quantity\":1.5,\"delivery_category\":\"In Store\"}]",
        ]
        .iter()
        .map(|text| serde_json::from_str(text).expect("JSON")),
    );
    odd.push(serde_json::json!([digest, ""]));
    odd.push(serde_json::json!([digest, digest]));
    odd
}

/// The event with each of its values replaced, or its field gone, one at a time.
fn variations(entry: &Value, odd: &[Value]) -> Vec<String> {
    let mut found = vec![entry.to_string()];
    let mut places: Vec<(Option<&str>, String)> = Vec::new();
    for (name, value) in entry.as_object().into_iter().flatten() {
        places.push((None, name.clone()));
        for inner in value.as_object().into_iter().flatten() {
            places.push((Some(name.as_str()), inner.0.clone()));
        }
    }
    for (parent, name) in places {
        let mut changed = entry.clone();
        let fields = match parent {
            Some(parent) => &mut changed[parent],
            None => &mut changed,
        };
        let Some(fields) = fields.as_object_mut() else { continue };
        for value in odd {
            fields.insert(name.clone(), value.clone());
            found.push(match parent {
                Some(parent) => {
                    let mut whole = entry.clone();
                    whole[parent] = Value::Object(fields.clone());
                    whole.to_string()
                }
                None => Value::Object(fields.clone()).to_string(),
            });
        }
        fields.remove(&name);
        found.push(match parent {
            Some(parent) => {
                let mut whole = entry.clone();
                whole[parent] = Value::Object(fields.clone());
                whole.to_string()
            }
            None => Value::Object(fields.clone()).to_string(),
        });
    }
    found
}

#[test]
fn events_of_one_signature_are_alike_to_every_rule() {
    let (entries, _) = recorded();
    let mut texts: Vec<String> = entries.iter().cloned().collect();
    let rich = r#"{"event_name":"Purchase","event_time":1772452790,"event_id":"order-1","action_source":"website","event_source_url":"https://shop.test/thanks","user_data":{"em":["62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"],"ph":"62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62e","external_id":"user-7","client_ip_address":"81.2.69.142","client_user_agent":"Mozilla/5.0 (X11) Gecko","fbp":"fb.1.1772452800000.123456789","fbc":"fb.1.1772452800000.IwAR0abcdefghijk","lead_id":"123"},"custom_data":{"value":42.5,"currency":"USD","content_type":"product","content_ids":["sku-1"],"contents":[{"id":"sku-1","quantity":1,"item_price":42.5}],"order_id":"1001","content_name":"Mug","search_string":"mug","delivery_category":"in_store","predicted_ltv":"10.00","own":"x"},"data_processing_options":["LDU"]}"#;
    let plain = r#"{"event_name":"Lead","event_time":1772452790,"action_source":"website","event_source_url":"https://shop.test/","user_data":{"client_ip_address":"81.2.69.142","client_user_agent":"Mozilla/5.0 (X11) Gecko"}}"#;
    let odd = oddities();
    for base in [rich, plain] {
        texts.extend(variations(&serde_json::from_str(base).expect("JSON"), &odd));
    }
    let mut verdicts: BTreeMap<u64, (Vec<String>, String)> = BTreeMap::new();
    let mut quick = 0;
    for text in &texts {
        let Some(lean) = call(text, Channel::Server, Some(CAUGHT), &[]) else { continue };
        let event = decoded(text, CAUGHT);
        assert_alike(&lean, &event, text);
        let signature = lean.signature.expect("always there so far");
        let said = said(&event);
        let (known, of) = verdicts.entry(signature).or_insert_with(|| (said.clone(), text.clone()));
        assert_eq!(known, &said, "\n{of}\n{text}");
        quick += 1;
    }
    assert!(quick * 2 > texts.len(), "{quick} of {} are read the quick way", texts.len());
    assert!(verdicts.len() > 400, "{}", verdicts.len());
}

#[test]
fn hits_of_one_signature_are_alike_to_every_rule() {
    let (_, queries) = recorded();
    let mut texts: Vec<String> = queries.into_iter().collect();
    let wire = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    for file in std::fs::read_dir(wire).into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(file.path()).unwrap_or_default();
        texts.extend(text.split_whitespace().filter_map(|word| {
            word.split_once("/tr/?").map(|(_, query)| query.trim_matches('"').to_owned())
        }));
    }
    let base = "id=123&ev=Purchase&dl=https%3A%2F%2Fshop.test%2F&rl=&if=false&ts=1772452800123&cd[value]=42.00&cd[currency]=USD&cd[content_ids]=%5B%22a%22%5D&cd[contents]=%5B%7B%22id%22%3A%22a%22%2C%22quantity%22%3A1%7D%5D&cd[content_type]=product&cd[content_name]=Mug&sw=1&v=2.9&r=stable&ec=1&o=30&fbp=fb.1.1772452800000.123456789&fbc=fb.1.1772452800000.IwAR0abcdefghijk&ud[em]=62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f&ud[external_id]=7&eid=a-1&dpo=LDU&rqm=GET";
    let pairs: Vec<&str> = base.split('&').collect();
    for place in 0..pairs.len() {
        let (name, _) = pairs[place].split_once('=').expect("a pair");
        for odd in oddities() {
            let value = odd.as_str().map_or_else(|| odd.to_string(), str::to_owned);
            let coded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            let mut changed: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
            changed[place] = format!("{name}={coded}");
            texts.push(changed.join("&"));
        }
        let without: Vec<&str> = pairs
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != place)
            .map(|(_, pair)| *pair)
            .collect();
        texts.push(without.join("&"));
    }
    for extra in [
        "cd[eventID]=x",
        "cs_est=true",
        "es=automatic",
        "ud[email]=x",
        "eid=again",
        "a=%zz",
        "a=%ff",
        "cd[a][b]=1",
        "udff[em]=x",
    ] {
        texts.push(format!("{base}&{extra}"));
    }
    let mut verdicts: BTreeMap<u64, (Vec<String>, String)> = BTreeMap::new();
    let mut quick = 0;
    for text in &texts {
        let Some(lean) = hit(text) else { continue };
        let events = decoded_hit(text);
        assert_eq!(events.len(), 1, "{text}");
        assert_alike(&lean, &events[0], text);
        assert_eq!(lean.pixel, events[0].pixel, "{text}");
        let said = said(&events[0]);
        let signature = lean.signature.expect("always there so far");
        let (known, of) = verdicts.entry(signature).or_insert_with(|| (said.clone(), text.clone()));
        assert_eq!(known, &said, "\n{of}\n{text}");
        quick += 1;
    }
    assert!(quick * 10 > texts.len() * 7, "{quick} of {} are read the quick way", texts.len());
}
