//! Reports for the tests of formats and gate: a clean run, a faulty one, one that broke,
//! and one in which every text is hostile.
//!
//! Each is decided by the gate with the default policy, as a real one is.

use std::collections::BTreeMap;
use std::path::Path;

use countonce::event::{Channel, Defect, Expectation, MatchKey, Place};
use countonce::finding::{Finding, Severity};
use countonce::gate::{self, Policy};
use countonce::report::{
    Attempt, BlockedRow, Booked, Brand, Caught, Colour, Conversion, Duplicates, EventRow, Excerpt,
    ExpectationResult, Field, Half, Improvement, Joined, Location, Logo, MatchQuality, Met,
    NeverResult, PairRow, PairState, PerChannel, Picture, Report, ReportedFinding, ScenarioRun,
    Share, Shot, Standing, Status, StepRun, UnattributedCall, VisitorRow,
};

mod logs;

pub(crate) use logs::logs;

/// Every sample by name.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("clean", clean()),
        ("faulty", faulty()),
        ("broken", broken()),
        ("empty", empty()),
        ("ugly", ugly()),
        ("limits", limits()),
        ("matrix", matrix()),
        ("logs", logs()),
        ("bare", decided(Report::default())),
    ]
}

/// A run in which every conversion is counted once.
pub(crate) fn clean() -> Report {
    let flow = [
        ("PageView", 24, None),
        ("ViewContent", 6, Some(6)),
        ("Search", 2, Some(2)),
        ("AddToCart", 6, Some(6)),
        ("InitiateCheckout", 4, Some(4)),
        ("AddPaymentInfo", 4, Some(4)),
        ("Purchase", 4, Some(4)),
        ("Lead", 2, Some(2)),
    ];
    let events = flow
        .into_iter()
        .map(|(name, count, truth)| EventRow {
            conversions: truth,
            browser: count,
            server: count,
            paired: count,
            counted: count,
            coverage: keys(count, &[]),
            parameters: parameters(name, count),
            match_quality: Some(MatchQuality {
                estimate: 8.1,
                low: 7.4,
                high: 8.8,
                calibrated: false,
                improvements: vec![Improvement { keys: vec![MatchKey::Phone], gain: 0.9 }],
            }),
            ..EventRow::new(name)
        })
        .collect();
    let scenarios = vec![
        scenario(1, "Guest checkout", "clean", &[("Purchase", 1), ("AddToCart", 1)]),
        scenario(2, "Guest checkout", "adblock", &[("Purchase", 1), ("AddToCart", 1)]),
        scenario(3, "Newsletter", "clean", &[("Lead", 1)]),
    ];
    decided(Report { events, scenarios, ..frame() })
}

/// Two profiles with variants: every outcome that a combination can have.
pub(crate) fn matrix() -> Report {
    let mut report = clean();
    "matrix".clone_into(&mut report.name);
    let expect = [("Purchase", 1)];
    let mut runs = Vec::new();
    for (row, profile) in ["clean", "adblock"].into_iter().enumerate() {
        for (column, variant) in ["", "reload", "double-click", "crawler"].into_iter().enumerate() {
            let session = (row * 4 + column + 1) as u32;
            let mut run = scenario(session, "Guest checkout", profile, &expect);
            variant.clone_into(&mut run.variant);
            runs.push(run);
        }
    }
    runs[1].status = Status::Failed;
    runs[2].earlier = vec![Attempt {
        attempt: 1,
        status: Status::Broken,
        seconds: 10.2,
        error: Some("scenarios/guest-checkout.yml:9:5: no element `#pay`".to_owned()),
        errors: Vec::new(),
    }];
    runs[2].attempt = 2;
    runs[6].status = Status::NotApplicable;
    runs[6].error = Some("no click sets a conversion off".to_owned());
    report.scenarios = runs;
    let mut refired = finding("refired-on-reload", Severity::Error, Some("Purchase"), Some(2));
    refired.evidence = vec![31, 32];
    report.findings = vec![found(
        refired,
        "a conversion told again when its page was loaded again",
        "Purchase was told once more under another event ID after its page was loaded again",
        "fire the event when the action happens, not whenever its page is shown",
    )];
    let row = |profile: &str, browser: u64, kept: u64, silent: bool| VisitorRow {
        event: "Purchase".to_owned(),
        profile: profile.to_owned(),
        conversions: 1,
        browser,
        server: kept,
        counted: kept,
        kept,
        forbidden: 0,
        silent,
    };
    report.visitors = vec![
        row("clean", 1, 1, false),
        row("adblock", 0, 1, false),
        row("consent-refused", 0, 0, true),
    ];
    report.traffic = BTreeMap::from([("adblock".to_owned(), 0.25)]);
    report.filter_lists = "EasyPrivacy (54785 rules)".to_owned();
    report.blocked = vec![BlockedRow {
        profile: "adblock".to_owned(),
        rule: "||connect.facebook.net^$third-party".to_owned(),
        example: "https://connect.facebook.net/en_US/fbevents.js".to_owned(),
        requests: 7,
        session: 5,
    }];
    decided(report)
}

/// A run with one finding of each kind.
pub(crate) fn faulty() -> Report {
    let mut report = clean();
    "faulty".clone_into(&mut report.name);
    let purchase = report.events.iter_mut().find(|row| row.event == "Purchase").expect("a row");
    purchase.server = 5;
    purchase.paired = 2;
    purchase.browser_only = 2;
    purchase.server_only = 2;
    purchase.duplicates = Duplicates { browser: 0, server: 1 };
    purchase.counted = 6;
    purchase.refused = 1;
    purchase.coverage = keys(4, &[(MatchKey::Phone, 1), (MatchKey::ClickId, 0)]);
    let lead = report.events.iter_mut().find(|row| row.event == "Lead").expect("a row");
    lead.server = 0;
    lead.paired = 0;
    lead.browser_only = 2;
    lead.explained = 1;
    lead.coverage.server = BTreeMap::new();
    lead.parameters.server = BTreeMap::new();
    lead.match_quality = None;

    report.scenarios[0].status = Status::Failed;
    report.scenarios[0].expectations[0].counted = 2;
    report.scenarios[0].expectations[0].met = Met::No;
    report.scenarios[1].attempt = 2;
    report.scenarios[1].earlier = vec![Attempt {
        attempt: 1,
        status: Status::Broken,
        seconds: 10.2,
        error: Some("scenarios/guest-checkout.yml:9:9: no element `#pay` within 10 s".to_owned()),
        errors: Vec::new(),
    }];
    report.findings = faulty_findings();
    report.conversions = vec![
        Conversion {
            scenario: "Guest checkout".to_owned(),
            session: Some(1),
            event: "Purchase".to_owned(),
            expected: 1,
            counted: 2,
            kept: "both".to_owned(),
            booked: vec![booked(Channel::Browser, 12), booked(Channel::Server, 31)],
            why: "browser and server event have different event IDs, so nothing merges them"
                .to_owned(),
            evidence: vec![12, 31],
        },
        Conversion {
            scenario: "Guest checkout".to_owned(),
            session: Some(2),
            event: "Purchase".to_owned(),
            expected: 1,
            counted: 1,
            kept: "browser".to_owned(),
            booked: vec![booked(Channel::Browser, 50)],
            why: "paired".to_owned(),
            evidence: vec![50, 51],
        },
    ];
    report.defects = vec![Defect {
        exchange: 44,
        channel: Channel::Server,
        session: None,
        what: "body: not JSON at byte 17".to_owned(),
    }];
    report.unattributed = vec![UnattributedCall {
        exchange: 60,
        pixel: "1234567890".to_owned(),
        events: vec!["Purchase".to_owned()],
        why: "no event ID, fbp or digest of a test person in it, and two sessions were open"
            .to_owned(),
    }];
    course(&mut report);
    decided(report)
}

/// A kept copy of 42 dollars.
fn booked(channel: Channel, exchange: u64) -> Booked {
    Booked {
        channel,
        exchange,
        value: Some(42.0),
        currency: "USD".to_owned(),
        keys: vec![MatchKey::Email, MatchKey::BrowserId],
        merged: 0,
    }
}

/// What happened when in the first session, with the payloads of its purchase.
fn course(report: &mut Report) {
    report.tape_hash = Some("ab".repeat(32));
    report.baseline = Some(logs::baseline(""));
    report.browser_ids = logs::lives("");
    let begun = report.started;
    let step = |line: u32, at: i64, text: &str| StepRun {
        session: 1,
        line,
        text: text.to_owned(),
        at: begun + at,
        millis: 120,
        page: "https://shop.test/cart?fbclid=…".to_owned(),
        error: None,
        cookies: vec!["_fbp set for 90 days".to_owned()],
    };
    report.steps = vec![
        step(6, 0, "- visit: /?fbclid=${persona.click_id}"),
        step(7, 600, "- click: \"#add-to-cart\""),
        StepRun {
            error: Some("no element `#pay`".to_owned()),
            ..step(9, 900, "- click: \"#pay\"")
        },
    ];
    let event = |exchange: u64, channel: Channel, name: &str, at: i64| Caught {
        exchange,
        entry: 0,
        channel,
        session: Some(1),
        event: name.to_owned(),
        at: begun + at,
        transport: if channel == Channel::Browser { "GET" } else { "call" }.to_owned(),
        page: "https://shop.test/".to_owned(),
        standing: "paired".to_owned(),
        joined: None,
        refused: None,
        sender: None,
    };
    let joined = |with: usize, merged: bool| Some(Joined { with, merged });
    report.caught = vec![
        Caught { joined: joined(1, true), ..event(8, Channel::Browser, "PageView", 210) },
        Caught { joined: joined(0, true), ..event(9, Channel::Server, "PageView", 260) },
        Caught { standing: "repeat".to_owned(), ..event(10, Channel::Browser, "PageView", 300) },
        Caught {
            standing: "near miss".to_owned(),
            joined: joined(4, false),
            sender: Some("https://shop.test/shop.js:12".to_owned()),
            ..event(12, Channel::Browser, "Purchase", 950)
        },
        Caught {
            standing: "near miss".to_owned(),
            joined: joined(3, false),
            refused: Some("Invalid parameter".to_owned()),
            sender: Some("axios/1.7".to_owned()),
            ..event(31, Channel::Server, "Purchase", 1_400)
        },
    ];
    let excerpt = |exchange: u64, channel: Channel, fields: &[(&str, &str)]| Excerpt {
        exchange,
        entry: 0,
        channel,
        event: "Purchase".to_owned(),
        fields: fields
            .iter()
            .map(|(name, value)| Field { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect(),
    };
    report.excerpts = vec![
        excerpt(
            12,
            Channel::Browser,
            &[
                ("event_name", "Purchase"),
                ("event_id", "order-AAAA-9999"),
                ("em", "em·1 SHA-256"),
                ("value", "42"),
            ],
        ),
        excerpt(
            31,
            Channel::Server,
            &[
                ("event_name", "Purchase"),
                ("event_id", "ORDER-AAAA-9999"),
                ("em", "em·1 SHA-256"),
                ("value", "42.00"),
                ("ip", "ip·1 IPv4"),
            ],
        ),
    ];
    report.shots = vec![Shot {
        session: 1,
        at: begun + 580,
        page: "https://shop.test/".to_owned(),
        file: "pages/session-1-1.png".to_owned(),
    }];
    let picture = Picture::new(PNG.to_vec()).expect("a picture");
    report.pictures.insert("pages/session-1-1.png".to_owned(), picture);
}

/// One grey pixel.
const PNG: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9b\x55\x00\x00\x00\x0a\x49\x44\x41\x54\x78\x9c\x63\x68\x00\x00\x00\x82\x00\x81\x77\xcd\x72\xb6\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

fn faulty_findings() -> Vec<ReportedFinding> {
    vec![
        found(
            Finding {
                cause: Some("letter case".to_owned()),
                evidence: vec![12, 31],
                ..finding("event-id-mismatch", Severity::Error, Some("Purchase"), Some(1))
            },
            "the two sides name the same conversion differently",
            "The browser sent the event ID `order-AAAA-9999`, the server `ORDER-AAAA-9999`. Meta compares event IDs letter by letter, so both are counted.",
            "Send the ID to both sides from one place and change neither: no upper-casing on the way through the order service.",
        ),
        found(
            Finding {
                count: 3,
                evidence: vec![31, 32, 33],
                channel: Some(Channel::Server),
                ..finding("duplicate-server-event", Severity::Error, Some("Purchase"), Some(1))
            },
            "the server sends one conversion more than once",
            "The queue sent the same order three times with three event IDs.",
            "Make the ID before the event enters the queue.",
        ),
        found(
            Finding {
                channel: Some(Channel::Server),
                evidence: vec![40],
                ..finding("low-match-key-coverage", Severity::Warn, Some("Purchase"), None)
            },
            "fewer events than asked carry a match key",
            "25 % of the server's Purchase events carry `ph`; the policy asks for 80 %.",
            "Send the phone number of the checkout form with the event.",
        ),
        ReportedFinding {
            standing: Standing::Known { reason: "until the relaunch in May".to_owned() },
            ..found(
                finding("missing-server-event", Severity::Error, Some("Lead"), Some(3)),
                "browser event without a server event",
                "Lead came from the browser alone.",
                "Send it from the newsletter handler.",
            )
        },
    ]
}

/// A run with a scenario that broke and one that was stopped.
pub(crate) fn broken() -> Report {
    let mut report = clean();
    "broken".clone_into(&mut report.name);
    let run = &mut report.scenarios[1];
    run.status = Status::Broken;
    run.error = Some(
        "scenarios/guest-checkout.yml:9:9: no element `#pay` within 10 s at https://shop.test/checkout"
            .to_owned(),
    );
    run.screenshot = Some("reports/latest/guest-checkout-adblock.png".to_owned());
    for result in &mut run.expectations {
        result.met = Met::Unknown;
        result.counted = 0;
    }
    report.scenarios[2].status = Status::Stopped;
    report.scenarios[2].expectations[0].met = Met::Unknown;
    decided(report)
}

/// A clean run held against figures, of which it misses some.
pub(crate) fn limits() -> Report {
    let mut report = clean();
    "limits".clone_into(&mut report.name);
    report.brand = Some(Brand {
        title: "Conversion audit".to_owned(),
        client: "Example Ltd".to_owned(),
        footer: "Prepared by Agency Ltd".to_owned(),
        logo: Some(Logo { media_type: "image/png", bytes: PNG.to_vec() }),
        colour: Colour::read("#ffd500"),
        colour_dark: Colour::read("#3b3100"),
    });
    let policy = "max_warnings = 0\n[thresholds]\n\"*.dedup_rate\" = \">= 99 %\"\n\
                  \"Purchase.server.coverage.ge\" = \">= 0.5\"\n\
                  \"Purchase.match_quality\" = \">= 8\"\n\
                  \"StartTrial.counted\" = \">= 1\"\nflaky = \"== 0\"\n";
    let policy = Policy::from_file(policy, Path::new("policy.toml"), &[]).expect("a policy");
    report.verdict = gate::decide(&report, &policy);
    report
}

/// A run that caught nothing.
pub(crate) fn empty() -> Report {
    let mut report = clean();
    "empty".clone_into(&mut report.name);
    report.events.clear();
    for run in &mut report.scenarios {
        run.status = Status::Failed;
        for result in &mut run.expectations {
            result.met = Met::No;
            (result.browser, result.server, result.counted) = (0, 0, 0);
        }
    }
    decided(report)
}

/// A run in which every text is hostile: markup, quotes, line breaks, control characters
/// and sequences, direction marks, wide characters, half a page in one word.
pub(crate) fn ugly() -> Report {
    const NASTY: &str = "<script>alert(\"x\")</script> ]]> --> </details> & 'q' \u{1b}[31mred\u{1b}[0m\u{7}\u{0}\nsecond line\r\n\ttab \u{9b}2J \u{202e}turned\u{202c} \u{200b} 東京タワー 👩‍👩‍👧 \u{fffe}\n::error::owned\n##[error]owned ##vso[task.complete] %0A::x | a `b` ``c`` @everyone #1 [l](http://evil.test) ![p](//evil.test/x.png) http://evil.test www.evil.test {0} \\\n=cmd()\nok 1 - owned # SKIP\n...\n1..0";
    let long = format!("{}{NASTY}", "x".repeat(4096));
    let mut report = faulty();
    NASTY.clone_into(&mut report.name);
    NASTY.clone_into(&mut report.tool);
    report.site.clone_from(&long);
    NASTY.clone_into(&mut report.browser);
    NASTY.clone_into(&mut report.pixel_script);
    report.tape = Some(NASTY.to_owned());
    report.limits.push(long.clone());
    for row in &mut report.events {
        row.event = format!("{}{NASTY}", row.event);
        row.parameters.browser.insert(long.clone(), Share::new(1, row.browser));
    }
    for entry in &mut report.findings {
        NASTY.clone_into(&mut entry.title);
        entry.profile = Some(NASTY.to_owned());
        entry.location =
            Some(Location { file: NASTY.to_owned(), place: Place { line: 3, column: 1 } });
        let finding = &mut entry.finding;
        finding.message.clone_from(&long);
        NASTY.clone_into(&mut finding.fix);
        finding.cause = Some(NASTY.to_owned());
        finding.event = Some(format!("Purchase{NASTY}"));
        finding.evidence = (0..5_000).collect();
        if let Standing::Known { reason } = &mut entry.standing {
            NASTY.clone_into(reason);
        }
    }
    for run in &mut report.scenarios {
        NASTY.clone_into(&mut run.name);
        NASTY.clone_into(&mut run.profile);
        NASTY.clone_into(&mut run.variant);
        NASTY.clone_into(&mut run.file);
        run.error = Some(long.clone());
        run.never.push(NeverResult {
            event: NASTY.to_owned(),
            place: Place::default(),
            caught: 0,
            met: Met::Yes,
        });
        for result in &mut run.expectations {
            result.expectation.event = format!("Purchase{NASTY}");
        }
    }
    report.scenarios[2].status = Status::Broken;
    report.scenarios[2].screenshot = Some(NASTY.to_owned());
    for step in &mut report.steps {
        step.text.clone_from(&long);
        NASTY.clone_into(&mut step.page);
        step.error = Some(NASTY.to_owned());
        step.cookies = vec![NASTY.to_owned()];
    }
    for caught in &mut report.caught {
        caught.event = format!("Purchase{NASTY}");
        NASTY.clone_into(&mut caught.transport);
        NASTY.clone_into(&mut caught.standing);
        NASTY.clone_into(&mut caught.page);
        caught.refused = Some(NASTY.to_owned());
        caught.sender = Some(long.clone());
    }
    for excerpt in &mut report.excerpts {
        excerpt.event = format!("Purchase{NASTY}");
        for field in &mut excerpt.fields {
            field.name = format!("{}{NASTY}", field.name);
            field.value = format!("{}{long}", field.value);
        }
    }
    for shot in &mut report.shots {
        NASTY.clone_into(&mut shot.page);
    }
    for entry in &mut report.conversions {
        entry.why.clone_from(&long);
        NASTY.clone_into(&mut entry.kept);
        NASTY.clone_into(&mut entry.event);
        NASTY.clone_into(&mut entry.scenario);
    }
    report.defects[0].what.clone_from(&long);
    report.unattributed[0].why.clone_from(&long);
    report.unattributed[0].events = vec![NASTY.to_owned(), long.clone()];
    report.log = Some(logs::log(&long));
    report.baseline = Some(logs::baseline(NASTY));
    report.browser_ids = logs::lives(NASTY);
    decided(report)
}

/// The report with the verdict of the default policy.
pub(crate) fn decided(mut report: Report) -> Report {
    report.verdict = gate::decide(&report, &Policy::default());
    report
}

fn frame() -> Report {
    Report {
        tool: "countonce 0.1.0".to_owned(),
        name: "clean".to_owned(),
        pixel_script: "stand-in".to_owned(),
        site: "https://shop.test".to_owned(),
        browser: "Chromium 150.0.7871.46".to_owned(),
        started: 1_788_000_000_000,
        seconds: 12.34,
        tape: Some("reports/latest/tape.jsonl".to_owned()),
        limits: vec![
            "The pixel script was the stand-in: what Meta's own script does beyond the documented wire format was not exercised."
                .to_owned(),
            "Whether Meta matches an event to a person is known to Meta alone; match quality is an estimate."
                .to_owned(),
        ],
        ..Report::default()
    }
}

fn scenario(session: u32, name: &str, profile: &str, expect: &[(&str, u32)]) -> ScenarioRun {
    let file = format!("scenarios/{}.yml", name.to_lowercase().replace(' ', "-"));
    ScenarioRun {
        session,
        name: name.to_owned(),
        file,
        profile: profile.to_owned(),
        seconds: 2.0 + f64::from(session) / 10.0,
        attempt: 1,
        site_answers: 9,
        expectations: expect
            .iter()
            .zip(14u32..)
            .map(|((event, count), line)| ExpectationResult {
                expectation: Expectation {
                    event: (*event).to_owned(),
                    count: *count,
                    channels: Channel::ALL.to_vec(),
                    value: Some(42.0),
                    currency: Some("USD".to_owned()),
                    keys: BTreeMap::new(),
                    open: false,
                    place: Place { line, column: 5 },
                },
                browser: 1,
                server: 1,
                counted: 1,
                met: Met::Yes,
            })
            .collect(),
        never: vec![NeverResult {
            event: "Subscribe".to_owned(),
            place: Place { line: 20, column: 9 },
            caught: 0,
            met: Met::Yes,
        }],
        ..ScenarioRun::default()
    }
}

fn keys(of: u64, low: &[(MatchKey, u64)]) -> PerChannel<BTreeMap<MatchKey, Share>> {
    const BROWSER: [MatchKey; 4] =
        [MatchKey::Email, MatchKey::ExternalId, MatchKey::ClickId, MatchKey::BrowserId];
    const SERVER: [MatchKey; 9] = [
        MatchKey::Email,
        MatchKey::Phone,
        MatchKey::FirstName,
        MatchKey::LastName,
        MatchKey::ExternalId,
        MatchKey::ClientIp,
        MatchKey::ClientUserAgent,
        MatchKey::ClickId,
        MatchKey::BrowserId,
    ];
    let mut coverage = PerChannel::<BTreeMap<MatchKey, Share>>::default();
    for key in BROWSER {
        coverage.browser.insert(key, Share::new(of, of));
    }
    for key in SERVER {
        let count = low.iter().find(|(other, _)| *other == key).map_or(of, |(_, count)| *count);
        coverage.server.insert(key, Share::new(count, of));
    }
    coverage
}

fn parameters(event: &str, of: u64) -> PerChannel<BTreeMap<String, Share>> {
    let names: &[&str] = match event {
        "PageView" => &[],
        "Search" => &["search_string", "content_ids"],
        _ => &["value", "currency", "content_ids", "contents"],
    };
    let side: BTreeMap<String, Share> =
        names.iter().map(|name| ((*name).to_owned(), Share::new(of, of))).collect();
    PerChannel { browser: side.clone(), server: side }
}

fn finding(rule: &str, severity: Severity, event: Option<&str>, session: Option<u32>) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity,
        event: event.map(str::to_owned),
        channel: None,
        session,
        scenario: session
            .map(|session| (if session < 3 { "Guest checkout" } else { "Newsletter" }).to_owned()),
        cause: None,
        message: String::new(),
        fix: String::new(),
        count: 1,
        evidence: Vec::new(),
    }
}

fn found(finding: Finding, title: &str, message: &str, fix: &str) -> ReportedFinding {
    let location = finding.session.map(|_| Location {
        file: "scenarios/guest-checkout.yml".to_owned(),
        place: Place { line: 14, column: 5 },
    });
    ReportedFinding {
        title: title.to_owned(),
        location,
        profile: finding.session.map(|_| "clean".to_owned()),
        variant: finding.session.map(|_| String::new()),
        own: None,
        finding: Finding { message: message.to_owned(), fix: fix.to_owned(), ..finding },
        standing: Standing::New,
    }
}

/// A tape of the repository, judged.
pub(crate) fn judged(tape: &str) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tapes").join(tape);
    countonce::run::conclude_tape(&path, false, &Policy::default()).expect("judged")
}

/// A faulty run with so many events, each of them a pair, and a finding for every tenth.
pub(crate) fn large(events: u64) -> Report {
    let mut report = faulty();
    report.pairs = (0..events / 2)
        .map(|number| PairRow {
            event: "Purchase".to_owned(),
            pixel: "1234567890".to_owned(),
            event_id: format!("order-{number}"),
            state: PairState::Paired,
            session: Some(1),
            scenario: "Guest checkout".to_owned(),
            profile: "clean".to_owned(),
            browser: Some(Half { exchange: 2 * number, at: 1_788_000_000_000 + number as i64 }),
            server: Some(Half { exchange: 2 * number + 1, at: 1_788_000_000_200 + number as i64 }),
            ..PairRow::default()
        })
        .collect();
    let first = report.findings[0].clone();
    report.findings = (0..events / 10)
        .map(|number| {
            let mut found = first.clone();
            found.finding.cause = Some(format!("cause {}", number % 50));
            found
        })
        .collect();
    let entry = report.conversions[0].clone();
    report.conversions = vec![entry; (events / 10) as usize];
    decided(report)
}
