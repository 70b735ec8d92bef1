//! The HTML report in a real browser and before other people's judges: it opens, filters,
//! unfolds and links without an error and without asking anybody; an accessibility checker
//! and a validator find nothing; a hostile payload stays text; a great run stays quick.

mod window;

use std::path::Path;
use std::time::{Duration, Instant};

use countonce::format::{COMPARISON_FORMATS, Look, find};
use countonce::gate::{Policy, compare};
use countonce::report::{Report, StepRun};
use serde_json::{Value, json};

use super::cli::countonce;
use super::demo::browser;
use super::{outside, sample};
use window::Window;

/// A report that can be mailed.
const MOST_BYTES: usize = 3 * 1024 * 1024;
/// What a reader does not notice as a pause; a busy machine and an unoptimised browser
/// driver take their share.
const NO_PAUSE: Duration = Duration::from_secs(1);

fn html(report: &Report) -> String {
    (find("html").expect("the format").render)(report, &Look::default())
}

/// Two runs side by side.
fn compared(old: &Report, new: &Report) -> String {
    let format = COMPARISON_FORMATS.iter().find(|format| format.name == "html");
    let comparison = compare(old, new, &Policy::default());
    (format.expect("the format").render)(&comparison, &Look::default())
}

/// Every page that the program makes, of every sample.
fn pages() -> Vec<(String, String)> {
    let comparisons = [
        ("worse", sample::clean(), sample::faulty()),
        ("better", sample::faulty(), sample::clean()),
        ("ugly-worse", sample::faulty(), sample::ugly()),
        ("bare-compared", Report::default(), Report::default()),
    ];
    let compared =
        comparisons.into_iter().map(|(name, old, new)| (name.to_owned(), compared(&old, &new)));
    let reports = sample::all().into_iter().map(|(name, report)| (name.to_owned(), html(&report)));
    reports.chain(compared).collect()
}

/// The page on a file, as a reader opens it.
fn file(folder: &Path, name: &str, report: &Report) -> String {
    saved(folder, name, &html(report))
}

fn saved(folder: &Path, name: &str, page: &str) -> String {
    let path = folder.join(format!("{name}.html"));
    std::fs::write(&path, page).expect("written");
    format!("file://{}", path.display())
}

/// Texts of the findings that are to be seen.
const SEEN: &str = "return [...document.querySelectorAll('article.finding')].filter(one => one.offsetParent).length";

#[test]
fn live_the_page_opens_filters_unfolds_and_asks_nobody() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let address = file(folder.path(), "faulty", &sample::faulty());
    let window = Window::open();
    window.visit(&address);
    let all = window.run(SEEN).as_u64().expect("a number");
    assert!(all >= 3, "{all} findings");
    let type_in = |text: &str| {
        window.run(&format!(
            "const field = document.querySelector('[name=text]'); field.value = {text:?};
             field.dispatchEvent(new Event('input', {{bubbles: true}}))"
        ));
        window.run(SEEN).as_u64().expect("a number")
    };
    assert_eq!(type_in("event-id-mismatch"), 1);
    let said = window.run("return document.querySelector('[data-count]').textContent");
    assert_eq!(said, json!(format!("1 of {all} cards shown")));
    assert_eq!(type_in("no finding speaks of this"), 0);
    window.run("document.querySelector('form [type=reset]').click()");
    assert!(window.until("return document.querySelectorAll('.finding[hidden]').length === 0"));
    window.run("document.querySelector('[name=severity][value=error]').click()");
    let rest = window.run(SEEN).as_u64().expect("a number");
    assert!(rest < all, "switching the errors off hides none");
    // A link leads to a finding although it is filtered away.
    let anchor = window.run("return document.querySelector('article.finding.error').id");
    window.run(&format!("location.hash = {anchor}"));
    assert!(window.until(&format!(
        "const one = document.getElementById({anchor}); return !!one.offsetParent && one.classList.contains('aimed')"
    )));
    window.run("document.querySelector('[data-unfold]').click()");
    assert_eq!(
        window.run("return document.querySelectorAll('#findings details:not([open])').length"),
        json!(0)
    );
    window.run("for (const one of document.querySelectorAll('details')) one.open = true");
    let picture = "const one = document.querySelector('[data-shot] img'); return one.complete && one.naturalWidth";
    assert!(window.until(picture), "the picture is not shown");
    window.run("document.querySelector('[data-shot]').click()");
    let grown = "return document.querySelector('[data-shot]').getAttribute('aria-expanded')";
    assert_eq!(window.run(grown), json!("true"));
    window.run("document.querySelector('[data-theme-button]').click()");
    assert_eq!(window.run("return document.documentElement.dataset.theme"), json!("dark"));
    assert_eq!(window.complaints(), Vec::<String>::new());
    assert_eq!(window.requests(), [address.as_str()]);
}

#[test]
fn live_nothing_foreign_works_on_the_page() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let address = file(folder.path(), "ugly", &sample::ugly());
    let window = Window::open();
    window.visit(&address);
    window.run("for (const one of document.querySelectorAll('details')) one.open = true");
    let foreign = "return [...document.querySelectorAll('script, style, img, iframe, object, embed, link, base, form, meta, a[href]')]
        .filter(one => one.localName === 'a' ? !one.getAttribute('href').startsWith('#') : true)
        .map(one => one.localName).sort().join(' ')";
    assert_eq!(
        window.run(foreign),
        json!("form img link meta meta meta meta meta meta script style")
    );
    let invisible = "return [...document.body.innerText].filter(c => /[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u200b\\u202a-\\u202e]/.test(c)).length";
    assert_eq!(window.run(invisible), json!(0));
    let fits = "const page = document.documentElement;
        return page.scrollWidth <= page.clientWidth + 1";
    for width in [360, 800, 1280] {
        window.size(width, 900);
        assert!(window.until(fits), "the page scrolls sideways at {width} pixels");
    }
    assert_eq!(window.complaints(), Vec::<String>::new());
    assert_eq!(window.requests(), [address.as_str()]);
}

/// axe-core by Deque, with its rules for WCAG 2.2 A and AA and its best practices.
#[test]
fn live_an_accessibility_checker_finds_nothing_in_light_and_dark() {
    if !browser() {
        return;
    }
    let Some(validators) = outside::validators() else { return };
    let axe = std::fs::read_to_string(validators.join("node_modules/axe-core/axe.min.js"))
        .expect("installed");
    let folder = tempfile::tempdir().expect("a folder");
    let window = Window::open();
    let mut faults = Vec::new();
    for (name, page) in pages() {
        window.visit(&saved(folder.path(), &name, &page));
        for scheme in ["light", "dark"] {
            window.scheme(scheme);
            window.run("for (const one of document.querySelectorAll('details')) one.open = true");
            window.run(&axe);
            let found = window.ask(
                "const done = arguments[arguments.length - 1];
                 axe.run(document, {resultTypes: ['violations']}).then(
                   found => done(found.violations.flatMap(one => one.nodes.slice(0, 3).map(
                     node => one.id + ': ' + node.html.slice(0, 160) + ' | ' + node.failureSummary))),
                   error => done(['axe failed: ' + error]));",
            );
            for fault in found.as_array().expect("a list") {
                faults.push(format!("{name}, {scheme}: {fault}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// html-validate, with its recommended and its standard rules.
#[test]
fn a_validator_finds_nothing_in_the_page() {
    let Some(validators) = outside::validators() else { return };
    let script = "import { readFileSync } from 'node:fs';
        import { HtmlValidate, StaticConfigLoader } from 'html-validate';
        const pages = JSON.parse(readFileSync(process.argv[2], 'utf8'));
        const judge = new HtmlValidate(new StaticConfigLoader({
          extends: ['html-validate:standard', 'html-validate:a11y'],
        }));
        const found = [];
        for (const [name, page] of pages) {
          const report = await judge.validateString(page);
          for (const one of report.results.flatMap(result => result.messages)) {
            found.push(`${name}:${one.line}:${one.column} ${one.ruleId}: ${one.message}`);
          }
        }
        console.log(JSON.stringify({found, broken: (await judge.validateString('<p><div></p>')).errorCount}));";
    let text = serde_json::to_string(&pages()).expect("JSON");
    let said = outside::ask(validators, "node", script, "html", &text);
    assert_ne!(said["broken"], json!(0), "the validator lets anything through");
    let found = said["found"].as_array().expect("a list");
    let lines: Vec<&str> = found.iter().filter_map(Value::as_str).take(20).collect();
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), lines.join("\n"));
}

#[test]
fn a_page_never_asks_anybody_and_lets_no_other_script_work() {
    for (name, page) in pages() {
        let policy = page.split("Content-Security-Policy\" content=\"").nth(1).expect("a policy");
        let policy = policy.split('"').next().expect("its end").replace("&#39;", "'");
        assert!(
            policy.starts_with("default-src 'none'; img-src data:; style-src 'sha256-"),
            "{name}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{name}: {policy}");
        for attribute in [" src=\"", " href=\"", " action=\"", " srcset=\"", " poster=\""] {
            for value in page.split(attribute).skip(1) {
                let own = value.starts_with('#') || value.starts_with("data:");
                assert!(own, "{name}:{attribute}{}", &value[..value.len().min(60)]);
            }
        }
        assert!(!page.contains(" style=\"") && !page.contains(" onclick"), "{name}");
    }
}

#[test]
fn every_link_on_a_page_leads_to_one_place_on_it() {
    let links = regex::Regex::new(r##"href="#([^"]+)""##).expect("a pattern");
    let places = regex::Regex::new(r#" id="([^"]+)""#).expect("a pattern");
    let mut numbers = 0;
    for (name, page) in pages() {
        let mut ids = std::collections::BTreeSet::new();
        for place in places.captures_iter(&page) {
            assert!(ids.insert(place[1].to_owned()), "{name}: {} twice", &place[1]);
        }
        for link in links.captures_iter(&page) {
            assert!(ids.contains(&link[1]), "{name}: {} leads nowhere", &link[1]);
            numbers += usize::from(link[1].starts_with('e') && link[1][1..].parse::<u64>().is_ok());
        }
    }
    assert!(numbers > 5, "evidence leads to its rows");
}

#[test]
fn a_comparison_names_what_got_worse_and_what_was_mended() {
    let worse = compared(&sample::clean(), &sample::faulty());
    assert!(worse.contains("<span class=\"outcome\">Worse</span>"));
    assert!(worse.contains("event-id-mismatch") && worse.contains("<td>counted</td>"));
    let better = compared(&sample::faulty(), &sample::clean());
    assert!(better.contains("<span class=\"outcome\">Not worse</span>"));
    let mended = better.split("id=\"mended\"").nth(1).expect("the section");
    assert!(mended.contains("event-id-mismatch"), "{mended}");
}

#[test]
fn a_brand_changes_looks_and_no_word_of_the_verdict() {
    let report = sample::limits();
    let page = html(&report);
    for part in [
        "Conversion audit",
        "<h1>Example Ltd</h1>",
        "Prepared by Agency Ltd",
        "class=\"logo\"",
        "--brand:#ffd500;--on-brand:#000",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let plain = html(&Report { brand: None, ..report });
    let verdict = |page: &str| {
        page.split("id=\"verdict\"")
            .nth(1)
            .and_then(|rest| rest.split("</main>").next().map(str::to_owned))
    };
    assert_eq!(verdict(&page), verdict(&plain));
}

/// The whole way: pages are pictured while a scenario is played, and stand in its report.
#[test]
fn live_a_run_shows_its_pages_along_the_time_line() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let words = ["demo", "--filter", "name:\"Newsletter lead\"", "--format", "html", "--jobs", "1"];
    let said = countonce(folder.path(), &words);
    assert_eq!(said.code, 0, "{}", super::demo::show(&said));
    let path = folder.path().join("reports/latest/report.html");
    let window = Window::open();
    window.visit(&format!("file://{}", path.display()));
    window.run("for (const one of document.querySelectorAll('details')) one.open = true");
    let shown = "const all = [...document.querySelectorAll('[data-shot] img')];
        return all.length > 1 && all.every(one => one.complete && one.naturalWidth > 100)";
    assert!(window.until(shown), "pages are not pictured");
    let joined = "return document.querySelectorAll('table.course path.merged').length";
    assert!(window.until(joined), "no line joins the halves of a conversion");
    assert_eq!(window.complaints(), Vec::<String>::new());
    let again =
        countonce(folder.path(), &[&words[..], &["--no-pictures", "--out", "bare"]].concat());
    assert_eq!(again.code, 0, "{}", super::demo::show(&again));
    assert!(!folder.path().join("bare/latest/pages").exists());
}

/// As many events as ten thousand, findings of each kind, and pictures of ten scenarios.
fn great() -> Report {
    let mut report = sample::faulty();
    let picture = report.pictures.values().next().expect("a picture").clone();
    let (run, steps) = (report.scenarios[0].clone(), report.steps.clone());
    let (caught, findings) = (report.caught.clone(), report.findings.clone());
    let shot = report.shots[0].clone();
    report.scenarios.clear();
    report.steps.clear();
    report.caught.clear();
    report.findings.clear();
    report.shots.clear();
    report.pictures.clear();
    for session in 1..=2_000 {
        report.scenarios.push(countonce::report::ScenarioRun { session, ..run.clone() });
        report.steps.extend(steps.iter().map(|step| StepRun { session, ..step.clone() }));
        let first = report.caught.len();
        for one in &caught {
            let mut one = one.clone();
            one.session = Some(session);
            one.exchange += u64::from(session) * 100;
            if let Some(joined) = &mut one.joined {
                joined.with += first;
            }
            report.caught.push(one);
        }
        for one in &findings {
            let mut one = one.clone();
            one.finding.session = Some(session);
            one.finding.message.push_str(&format!(" In session {session}."));
            report.findings.push(one);
        }
        for page in 1..=5 {
            if session <= 10 {
                let file = format!("pages/{session}-{page}.webp");
                let mut picture = picture.clone();
                // As large as a page of the demo shop.
                picture.bytes.resize(20 * 1024, 0x55);
                report.pictures.insert(file.clone(), picture);
                report.shots.push(countonce::report::Shot { session, file, ..shot.clone() });
            }
        }
    }
    report.findings.sort_by(|a, b| a.finding.order(&b.finding));
    assert_eq!(report.caught.len(), 10_000);
    report
}

#[test]
fn ten_thousand_events_and_ten_scenarios_with_pictures_can_be_mailed() {
    let page = html(&great());
    assert!(page.len() < MOST_BYTES, "{} bytes", page.len());
    assert!(page.contains("more stand in the JSON report") || page.contains("not drawn here"));
}

#[test]
fn live_ten_thousand_events_open_and_filter_without_a_pause() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let address = file(folder.path(), "great", &great());
    let window = Window::open();
    let begun = Instant::now();
    window.visit(&address);
    let opened = begun.elapsed();
    let script = "const field = document.querySelector('[name=text]'); field.value = 'mismatch';
         const begun = performance.now();
         field.dispatchEvent(new Event('input', {bubbles: true}));
         document.body.offsetHeight;
         return performance.now() - begun";
    let filtered = window.run(script).as_f64().expect("a time");
    assert!(opened < 3 * NO_PAUSE, "it takes {opened:?} to open");
    assert!(filtered < NO_PAUSE.as_millis() as f64, "it takes {filtered} ms to filter");
}
