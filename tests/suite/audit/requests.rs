//! Logs of requests: addresses, access logs, CDN logs and archives of browsers count the same.

use serde_json::{Value, json};

use super::forms::{
    AGENT, Told, assert_same, browser, expected, flat, gzip, hit, lines, log, put, server,
};
use super::{figures, plan, run};

#[test]
fn addresses_access_logs_and_archives_count_the_same() {
    let side = log("s.ndjson", flat(&server(), true));
    assert_same(&log("b.txt", lines(&browser(), hit)), &side, ["urls", "ndjson"]);
    let relative = |told: &Told| hit(told).replace("https://www.facebook.com", "");
    assert_same(&log("b.txt", lines(&browser(), relative)), &side, ["urls", "ndjson"]);
    let access = |told: &Told| {
        let time = jiff::Timestamp::from_millisecond(told.at).expect("a time").to_string();
        json!({ "time": time, "method": "GET", "status": 200, "uri": hit(told) }).to_string()
    };
    let combined = |told: &Told| {
        let time = jiff::Timestamp::from_millisecond(told.at).expect("a time");
        let time = time.strftime("%d/%b/%Y:%H:%M:%S +0000");
        let path = hit(told).replace("https://www.facebook.com", "");
        format!("73.162.41.9 - - [{time}] \"GET {path} HTTP/2.0\" 200 44 \"-\" \"{AGENT}\"")
    };
    let picture = "::1 - - [02/Mar/2026:12:00:00 +0000] \"GET /logo.png HTTP/1.1\" 200 9\n";
    let text = picture.to_owned() + &lines(&browser(), combined);
    let folder = tempfile::tempdir().expect("a folder");
    let paths = [log("access.log", text), side.clone()].map(|log| put(folder.path(), &log));
    let report = run(&plan(&paths[..1], &paths[1..], &[])).expect("audited");
    // The time of such a log is in whole seconds, so that lags are not those of the others.
    assert_eq!(figures(&report), expected());
    let input = &report.log.expect("a log").inputs[0];
    assert_eq!((input.form.as_str(), input.foreign, input.bad), ("combined", 1, 0));
    let foreign = "{\"time\":1772452800,\"method\":\"GET\",\"status\":200,\"uri\":\"/logo.png\"}\n";
    let text = foreign.to_owned() + &lines(&browser(), access);
    let report = assert_same(&log("b.ndjson", text), &side, ["ndjson", "ndjson"]);
    assert_eq!(report.log.expect("a log").inputs[0].foreign, 1, "the picture is no event");
    let posted = |told: &Told| {
        let hit = hit(told);
        let (url, body) = hit.split_once('?').expect("a query");
        json!({ "time": told.at, "method": "POST", "url": url, "body": body }).to_string()
    };
    assert_same(&log("b.ndjson", lines(&browser(), posted)), &side, ["ndjson", "ndjson"]);
    let entries: Vec<Value> = browser()
        .iter()
        .map(|told| {
            let time = jiff::Timestamp::from_millisecond(told.at).expect("a time").to_string();
            json!({
                "startedDateTime": time,
                "request": { "method": "GET", "url": hit(told), "headers": [] },
                "response": { "status": 200, "headers": [], "content": {} },
            })
        })
        .collect();
    let har = json!({ "log": { "version": "1.2", "entries": entries } });
    assert_same(&log("b.har", format!("{har:#}")), &side, ["har", "ndjson"]);
}

/// When the line was written, by its date and its time of day.
fn clock(told: &Told) -> (String, String) {
    let time = jiff::Timestamp::from_millisecond(told.at).expect("a time");
    (time.strftime("%Y-%m-%d").to_string(), time.strftime("%H:%M:%S%.3f").to_string())
}

/// The hit's query as CloudFront writes it, on top of the browser's own encoding.
fn wrapped(query: &str) -> String {
    query.replace('%', "%25").replace('[', "%5B").replace(']', "%5D")
}

const CLOUDFRONT: &str = "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type\n";

fn cloudfront(told: &Told, wrap: bool) -> String {
    let (date, time) = clock(told);
    let hit = hit(told);
    let (_, query) = hit.split_once('?').expect("a query");
    let query = if wrap { wrapped(query) } else { query.to_owned() };
    let agent = AGENT.replace(' ', if wrap { "%2520" } else { "%20" });
    format!(
        "{date}\t{time}\tDFW3\t44\t73.162.41.9\tGET\td1.cloudfront.test\t/tr/\t200\thttps://shop.test/\t{agent}\t{query}\t-\tMiss"
    )
}

const IIS: &str = "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-03-02 11:59:00\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n";

fn iis(told: &Told) -> String {
    let (date, time) = clock(told);
    let hit = hit(told);
    let (_, query) = hit.split_once('?').expect("a query");
    let agent = AGENT.replace(' ', "+");
    format!("{date} {time} 10.0.0.1 GET /tr/ {query} 443 - 73.162.41.9 {agent} - 200 0 0 15")
}

#[test]
fn logs_of_the_extended_form_count_the_same_with_tabs_and_with_spaces() {
    let side = log("s.ndjson", flat(&server(), true));
    let picture = "2026-03-02\t12:00:00\tDFW3\t9\t::1\tGET\td1.cloudfront.test\t/logo.png\t200\t-\t-\t-\t-\tHit\n";
    for wrap in [true, false] {
        let text =
            CLOUDFRONT.to_owned() + picture + &lines(&browser(), |told| cloudfront(told, wrap));
        let report = assert_same(&log("b.log", text.clone()), &side, ["w3c", "ndjson"]);
        let input = report.log.expect("a log").inputs.swap_remove(0);
        assert_eq!((input.lines, input.events, input.foreign, input.bad), (8, 5, 1, 0));
        assert_same(&log("b.gz", gzip(text.as_bytes())), &side, ["w3c", "ndjson"]);
    }
    let text = IIS.to_owned() + &lines(&browser(), iis);
    assert_same(&log("b.log", text), &side, ["w3c", "ndjson"]);
}

#[test]
fn a_header_in_the_middle_holds_for_what_comes_after_it_in_any_block() {
    let side = log("s.ndjson", flat(&server(), true));
    // Long runs of other requests put every hit into a block of its own.
    let foreign = |line: &str| format!("{line}\n").repeat((600 << 10) / (line.len() + 1));
    let other = "2026-03-02\t12:00:00\tDFW3\t9\t::1\tGET\td1.cloudfront.test\t/logo.png\t200\t-\t-\t-\t-\tHit";
    let mine = "2026-03-02 12:00:00 10.0.0.1 GET /logo.png - 443 - ::1 - - 200 0 0 15";
    let mut text = CLOUDFRONT.to_owned();
    for (number, told) in browser().iter().enumerate() {
        if number == 3 {
            text.push_str(IIS);
        }
        let (line, between) =
            if number < 3 { (cloudfront(told, true), other) } else { (iis(told), mine) };
        text.push_str(&(line + "\n" + &foreign(between)));
    }
    assert_same(&log("b.log", text.clone()), &side, ["w3c", "ndjson"]);
    let packed = zstd::encode_all(text.as_bytes(), 1).expect("packed");
    assert_same(&log("b.zst", packed), &side, ["w3c", "ndjson"]);
}

#[test]
fn lines_that_do_not_fit_their_header_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = lines(&browser(), |told| cloudfront(told, true));
    let text = CLOUDFRONT.to_owned() + &good + "2026-03-02\t12:00:00\tDFW3\n";
    let path = put(folder.path(), &log("b.log", text));
    let mut audit = plan(std::slice::from_ref(&path), &[], &[]);
    audit.strict = true;
    let said = run(&audit).expect_err("refused").to_string();
    let place = format!("{}:8: 3 fields where the header has 14", path.display());
    assert!(said.contains(&place), "{said}");

    let headless = put(folder.path(), &log("h.log", good));
    let mut audit = plan(&[headless], &[], &[]);
    audit.request.inputs[0].form = countonce::audit::Form::from_name("w3c");
    let said = run(&audit).expect_err("refused").to_string();
    assert!(said.contains("h.log:1: no line before it names the fields"), "{said}");
}

#[test]
fn logs_of_load_balancers_and_cdns_count_the_same() {
    let side = log("s.ndjson", flat(&server(), true));
    let balancer = |told: &Told| {
        let time = jiff::Timestamp::from_millisecond(told.at).expect("a time");
        let url = hit(told).replace("www.facebook.com", "shop.test:443");
        format!(
            "h2 {time} app/lb/5 73.162.41.9:99 10.0.0.1:80 0.1 0.1 0.1 200 200 0 57 \"GET {url} HTTP/2.0\" \"{AGENT}\" - - arn:x \"Root=1\" \"shop.test\""
        )
    };
    assert_same(&log("b.log", lines(&browser(), balancer)), &side, ["combined", "ndjson"]);
    let cloud = |told: &Told| {
        let time = jiff::Timestamp::from_millisecond(told.at).expect("a time").to_string();
        json!({
            "httpRequest": { "requestMethod": "GET", "requestUrl": hit(told), "status": 200, "userAgent": AGENT },
            "timestamp": time,
        })
        .to_string()
    };
    assert_same(&log("b.ndjson", lines(&browser(), cloud)), &side, ["ndjson", "ndjson"]);
    let front = |told: &Told| {
        let (date, time) = clock(told);
        let hit = hit(told);
        let (_, query) = hit.split_once('?').expect("a query");
        json!({
            "date": date, "time": time, "cs-method": "GET", "cs-uri-stem": "/tr/",
            "cs-uri-query": wrapped(query), "sc-status": "200", "cs(User-Agent)": AGENT.replace(' ', "%20"),
        })
        .to_string()
    };
    assert_same(&log("b.ndjson", lines(&browser(), front)), &side, ["ndjson", "ndjson"]);
}
