//! Logs full of what nobody else may read: e-mail addresses, telephone numbers, names, tokens,
//! in every place where logs have them. Nothing of it stands in anything that is written.

use std::path::Path;

use polars::prelude::{ParquetReader, SerReader as _};
use serde_json::json;

use crate::cli::{Said, countonce};

const START: i64 = 1_772_452_800_000;
const TOKEN: &str = "EAABsbCS1iHgBAKZCsecretsecret99";

/// Whatever must be nowhere, in the spellings in which logs have it.
const SECRETS: [&str; 10] = [
    "zebulon.quartermain",
    "Zebulon",
    "zebulon",
    "Quartermain",
    "quartermain",
    "2015550147",
    "201-555-0147",
    "555-0147",
    TOKEN,
    "secretsecret99",
];

const EMAIL: &str = "zebulon.quartermain@example.com";
const PHONE: &str = "+12015550147";

fn page() -> String {
    format!(
        "https://shop.test/thanks?email={EMAIL}&phone={PHONE}&name=Zebulon+Quartermain&access_token={TOKEN}"
    )
}

/// A hit with plain data in every part that may have some.
fn hit(number: i64) -> String {
    let at = START + number * 1000;
    url::form_urlencoded::Serializer::new("https://www.facebook.com/tr/?".to_owned())
        .extend_pairs([
            ("id", "1234567890123456"),
            ("ev", "Purchase"),
            ("dl", &page()),
            ("rl", &page()),
            ("ts", &at.to_string()),
            ("cd[value]", "42"),
            ("cd[currency]", "USD"),
            ("cd[content_name]", &format!("Mug for {EMAIL}")),
            ("cd[email]", EMAIL),
            ("cd[customer]", "Zebulon Quartermain"),
            ("ud[em]", EMAIL),
            ("ud[ph]", PHONE),
            ("ud[fn]", "Zebulon"),
            ("ud[ln]", "Quartermain"),
            ("access_token", TOKEN),
            ("eid", &format!("o-{number}")),
        ])
        .finish()
}

fn event(number: i64) -> serde_json::Value {
    json!({
        "event_name": "Purchase", "event_time": (START + number * 1000) / 1000,
        "event_id": format!("o-{number}"), "action_source": "website",
        "event_source_url": page(),
        "user_data": {
            "em": [EMAIL], "ph": PHONE, "fn": "Zebulon", "ln": ["Quartermain"],
            "external_id": EMAIL, "client_user_agent": format!("Bot ({EMAIL})"),
            "lead": "Zebulon Quartermain",
        },
        "custom_data": {
            "value": format!("42 {EMAIL}"), "currency": EMAIL, "content_name": format!("For {EMAIL}"),
            "customer_email": EMAIL, "phone": PHONE, "content_ids": [EMAIL], "search_string": PHONE,
        },
    })
}

fn server(number: i64) -> String {
    json!({
        "received_at": START + number * 1000, "status": 400,
        "method": "POST",
        "url": format!("https://graph.facebook.com/v25.0/1234567890123456/events?access_token={TOKEN}"),
        "body": json!({ "data": [event(number)], "access_token": TOKEN, "partner_agent": EMAIL }).to_string(),
        "response": json!({ "error": { "code": 100, "message": format!("Invalid parameter: {EMAIL} {PHONE}"), "error_user_title": EMAIL, "error_user_msg": EMAIL } }).to_string(),
        "authorization": format!("Bearer {TOKEN}"), "customer": "Zebulon Quartermain",
    })
    .to_string()
}

/// Lines that cannot be read, each with something to hide.
fn broken() -> Vec<String> {
    vec![
        format!("{{\"event\": \"{EMAIL}\" oops {TOKEN}"),
        format!("{{\"{EMAIL}\": {{\"{TOKEN}\": ["),
        format!("\"{EMAIL}\""),
        format!("[\"{EMAIL}\", \"{PHONE}\"]"),
        format!("{{\"customer\": \"{EMAIL}\"}}"),
        format!("{EMAIL} {PHONE} Zebulon Quartermain {TOKEN}"),
        json!({ "event_name": EMAIL, "event_time": EMAIL, "user_data": EMAIL, "custom_data": [TOKEN] }).to_string(),
        json!({ "data": EMAIL, "access_token": TOKEN }).to_string(),
        json!({ "url": "https://www.facebook.com/tr/", "body": format!("{EMAIL}%zz&{TOKEN}"), "method": "POST" }).to_string(),
        json!({ "url": "https://graph.facebook.com/v25.0/1234567890123456/events", "method": "POST", "body": format!("{{\"data\": {EMAIL}") }).to_string(),
    ]
}

fn put(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("written");
}

#[track_caller]
fn clean(what: &str, text: &str) {
    let decoded = text.replace("%40", "@").replace("%2B", "+");
    for secret in SECRETS {
        let found = decoded.find(secret).or_else(|| text.find(secret));
        if let Some(at) = found {
            let around: String = decoded
                .char_indices()
                .filter(|(place, _)| *place + 150 > at && *place < at + 150)
                .map(|(_, sign)| sign)
                .collect();
            panic!("`{secret}` stands in {what}:\n…{around}…");
        }
    }
}

fn clean_run(what: &str, said: &Said) {
    clean(&format!("the output of {what}"), &said.out);
    clean(&format!("the errors of {what}"), &said.err);
}

fn logs(folder: &Path) {
    let all = |line: &dyn Fn(i64) -> String| -> String {
        (0..30).map(|number| line(number) + "\n").collect()
    };
    let bad = broken().join("\n") + "\n";
    put(
        folder,
        "b.ndjson",
        &(all(&|number| {
            json!({ "time": START + number * 1000, "url": hit(number), "referer": page() })
                .to_string()
        }) + &bad),
    );
    put(
        folder,
        "s.ndjson",
        &(all(&server) + &all(&|number| event(number + 100).to_string()) + &bad),
    );
    put(folder, "b.txt", &(all(&hit) + &bad));
    let access = |number: i64| {
        let path = hit(number).replace("https://www.facebook.com", "");
        format!(
            "1.2.3.4 - zebulon [02/Mar/2026:12:00:{:02} +0000] \"GET {path} HTTP/1.1\" 200 44 \"{}\" \"Bot ({EMAIL})\"",
            number % 60,
            page()
        )
    };
    put(folder, "b.log", &(all(&access) + &bad));
    let w3c = |number: i64| {
        let hit = hit(number);
        let (_, query) = hit.split_once('?').expect("a query");
        format!("2026-03-02 12:00:{:02} GET /tr/ {query} 200 Bot+({EMAIL})", number % 60)
    };
    put(
        folder,
        "b.w3c",
        &(format!(
            "#Fields: date time cs-method cs-uri-stem cs-uri-query sc-status cs(User-Agent)\n#Remark: {EMAIL}\n"
        ) + &all(&w3c)
            + &bad),
    );
    let entries: Vec<_> = (0..5)
        .map(|number| json!({
            "startedDateTime": "2026-03-02T12:00:00Z",
            "request": { "method": "POST", "url": format!("https://www.facebook.com/tr/?access_token={TOKEN}"), "headers": [{ "name": "Authorization", "value": TOKEN }],
                "postData": { "mimeType": "application/x-www-form-urlencoded", "text": hit(number).split_once('?').map(|(_, query)| query) } },
            "response": { "status": 200, "headers": [], "content": { "text": EMAIL } },
        }))
        .chain([json!({
            "startedDateTime": EMAIL,
            "request": { "method": "POST", "url": "https://www.facebook.com/tr/", "headers": [], "postData": { "mimeType": "text/plain", "text": format!("{EMAIL} {TOKEN}") } },
            "response": {},
        })])
        .collect();
    let archive = json!({ "log": { "version": "1.2", "entries": entries } }).to_string();
    put(folder, "b.har", &archive);
    put(folder, "cut.har", &archive[..archive.len() - 40]);
    let mut table = csv::Writer::from_writer(Vec::new());
    table
        .write_record([
            "event_name",
            "event_id",
            "received_at",
            "em",
            "ph",
            "fn",
            "content_name",
            "event_source_url",
            "customer",
        ])
        .expect("written");
    for number in 0..30 {
        let id = format!("o-{number}");
        let at = (START + number * 1000).to_string();
        table
            .write_record([
                "Purchase",
                &id,
                &at,
                EMAIL,
                PHONE,
                "Zebulon",
                EMAIL,
                &page(),
                "Quartermain",
            ])
            .expect("written");
    }
    let table = String::from_utf8(table.into_inner().expect("written")).expect("text");
    put(folder, "s.csv", &format!("{table}{EMAIL},{PHONE},Zebulon Quartermain\n"));
    put(
        folder,
        "orders.csv",
        &format!(
            "order_id,time,value,currency,email\no-1,2026-03-02T12:00:00Z,42,USD,{EMAIL}\n{EMAIL}\n,{EMAIL},{PHONE},x,y\no-2,{EMAIL},{PHONE},{TOKEN},Zebulon\n"
        ),
    );
}

/// The side and the files of each run.
const RUNS: [&[&str]; 7] = [
    &["--browser", "b.ndjson", "--server", "s.ndjson"],
    &["--browser", "b.txt", "--server", "s.csv"],
    &["--browser", "b.log", "--server", "s.ndjson"],
    &["--browser", "b.w3c", "--server", "s.csv"],
    &["--browser", "b.har", "--server", "s.ndjson"],
    &["--browser", "cut.har"],
    &["--browser", "b.ndjson", "--server", "s.ndjson", "--orders", "orders.csv"],
];

#[test]
fn nothing_personal_and_no_token_stands_in_any_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    logs(folder);
    let formats: Vec<&str> = countonce::format::FORMATS
        .iter()
        .filter(|format| format.file.is_some())
        .map(|format| format.name)
        .collect();
    let formats = formats.join(",");
    for run in RUNS {
        let what = run.join(" ");
        let files = ["--max-bad", "90", "--out", "reports", "--format", &formats];
        let _ = std::fs::remove_dir_all(folder.join("reports"));
        let said = countonce(folder, &[&["audit"], run, &files].concat());
        clean_run(&what, &said);
        if what.contains("cut.har") {
            assert_eq!(said.code, 2, "{}", said.err);
            continue;
        }
        assert_eq!(said.code, 1, "{what}: plain data is a finding\n{}\n{}", said.out, said.err);
        let mut seen = 0;
        for entry in std::fs::read_dir(folder.join("reports/latest")).expect("reports") {
            let path = entry.expect("an entry").path();
            let text = std::fs::read(&path).expect("read");
            clean(&format!("{} of {what}", path.display()), &String::from_utf8_lossy(&text));
            seen += 1;
        }
        assert!(seen >= countonce::format::FORMATS.iter().filter(|one| one.file.is_some()).count());
        let json =
            std::fs::read_to_string(folder.join("reports/latest/report.json")).expect("JSON");
        let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        for input in report["log"]["inputs"].as_array().expect("inputs") {
            let samples = input["samples"].as_array().expect("samples");
            assert!(!samples.is_empty(), "{what}: {input}");
        }
        for refusal in [&["--strict"][..], &["--max-bad", "1"]] {
            let said = countonce(folder, &[&["audit"], run, refusal].concat());
            assert_eq!(said.code, 2, "{what}");
            clean_run(&what, &said);
        }
    }
}

#[test]
fn nothing_personal_and_no_token_stands_in_facts() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    logs(folder);
    for run in RUNS.iter().filter(|run| !run.contains(&"--orders") && !run.contains(&"cut.har")) {
        let words = [&["facts"], *run, &["--max-bad", "90", "--out", "f.parquet"]].concat();
        let said = countonce(folder, &words);
        assert_eq!(said.code, 0, "{}", said.err);
        clean_run(&run.join(" "), &said);
        let file = std::fs::File::open(folder.join("f.parquet")).expect("a file");
        let frame = ParquetReader::new(file).finish().expect("a table");
        assert!(frame.height() > 5);
        for column in frame.columns() {
            let Ok(texts) = column.str() else { continue };
            for text in texts.iter().flatten() {
                clean(&format!("column {} of {}", column.name(), run.join(" ")), text);
            }
        }
        let said = countonce(folder, &["audit", "f.parquet"]);
        clean_run("audit of facts", &said);
    }
}
