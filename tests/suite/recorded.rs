//! What the rules say of hits that the real script sent: each case of the recording was a
//! page that called it in one way, right or wrong.

use std::collections::BTreeSet;

use countonce::capture::{Answer, Capture, Door, Exchange, Opening, Request, TAPE_FORMAT};
use countonce::event::Channel;
use countonce::run::judgement;
use serde_json::Value;

/// One side alone was recorded, and its page has an e-mail address in its own address.
const ALWAYS: &[&str] = &["missing-server-event", "personal-data-in-url"];

#[test]
fn hits_of_the_real_script_are_named_for_what_they_are() {
    let mut lines = BTreeSet::new();
    for line in include_str!("../wire/pixel-calls.jsonl").lines() {
        let case: Value = serde_json::from_str(line).expect("a recorded case");
        let hits = case["hits"].as_array().expect("hits");
        let exchanges = hits.iter().zip(1..).map(|(hit, number)| exchange(hit, number)).collect();
        let judged = judgement(&capture(exchanges)).expect("judged");
        let said: BTreeSet<String> = judged
            .findings
            .iter()
            .filter(|finding| !ALWAYS.contains(&finding.rule.as_str()))
            .map(|finding| match &finding.cause {
                Some(cause) => format!("{} [{cause}]", finding.rule),
                None => finding.rule.clone(),
            })
            .collect();
        let said: Vec<String> = said.into_iter().collect();
        let call = case["call"].as_str().expect("a call");
        lines.insert(format!("{call}\n    {}", said.join(", ")));
    }
    let lines: Vec<String> = lines.into_iter().collect();
    insta::with_settings!({prepend_module_to_snapshot => false}, {
        insta::assert_snapshot!("recorded_calls", lines.join("\n"));
    });
}

fn capture(exchanges: Vec<Exchange>) -> Capture {
    Capture {
        opening: Opening {
            countonce_tape: TAPE_FORMAT,
            tool: "countonce tests".into(),
            started: 0,
            pixel_script: "real".into(),
            browser: String::new(),
            site: String::new(),
            filter_lists: String::new(),
        },
        sessions: vec![],
        exchanges,
        blocked: Vec::new(),
        steps: vec![],
        attempts: vec![],
        commands: vec![],
        recordings: vec![],
        pictures: vec![],
        ends: vec![],
        troubles: vec![],
        orders: vec![],
        end: None,
    }
}

fn exchange(hit: &Value, number: u64) -> Exchange {
    let url = hit["url"].as_str().expect("an address").to_owned();
    let body = hit.get("body").and_then(Value::as_array).map(|fields| {
        let part = |field: &Value| {
            let (name, value) = (field[0].as_str(), field[1].as_str());
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n",
                name.expect("a name"),
                value.expect("a value")
            )
        };
        fields.iter().map(part).collect::<String>() + "--b--\r\n"
    });
    Exchange {
        number,
        channel: Channel::Browser,
        door: Door::Browser,
        session: None,
        at: 1_795_395_220_000 + number as i64,
        request: Request {
            method: if body.is_some() { "POST" } else { "GET" }.into(),
            url,
            headers: vec![("content-type".into(), "multipart/form-data; boundary=b".into())],
            body: body.unwrap_or_default().into_bytes(),
        },
        answer: Answer::new(200, "image/gif", Vec::new()),
        injected: None,
    }
}
