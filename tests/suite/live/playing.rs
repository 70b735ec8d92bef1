//! Runs as a whole: what breaks, what is stopped, what is waited for, and what is left behind.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use countonce::capture::{SessionStatus, Sighting};
use countonce::event::Channel;
use countonce::session::{BrowserOptions, BrowserSource, Progress};
use countonce::step::{Action, Condition, Target};

use super::stage::{Live, Pages, browser, events, expected, processes_in, until, zone};

const PAGES: Pages = &[
    ("/", r#"<a id="next" href="/next?card=4242">Next</a><script>hit('home')</script>"#),
    ("/next", "<h1>Next</h1><button id='add-to-basket'>Add</button><script>hit('next')</script>"),
    ("/once", "!<button>There</button>"),
];

fn visit(path: &str) -> Action {
    Action::Visit(path.to_owned())
}

fn click(selector: &str) -> Action {
    Action::Click(Target::Css(selector.to_owned()))
}

fn never_comes() -> Action {
    Action::Wait { condition: Condition::Text("never".to_owned()), within: Some(60_000) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_step_names_its_place_its_page_and_a_screenshot_and_the_others_go_on() {
    let Some(found) = browser() else { return };
    let live = Live::new(found, PAGES).await.with(|stage| {
        stage.deadlines.element = Duration::from_millis(400);
        stage.jobs = 2;
    });
    let broken = live.part("broken", vec![visit("/"), click("#next"), click("#add-to-cart")]);
    let lost = live.part("lost", vec![visit("/nowhere"), click("#next")]);
    let whole = live.part("whole", vec![visit("/"), click("#next")]);
    let (outcomes, capture, folder) = live.play_and_keep(vec![broken, lost, whole]).await;
    let error = outcomes[0].error.as_deref().expect("an error");
    assert!(error.starts_with("live.yaml:4:5: nothing matches `#add-to-cart`"), "{error}");
    assert!(error.contains("nearest: `#add-to-basket`"), "{error}");
    assert!(error.contains("page: https://shop.test/next?card=…;"), "{error}");
    let picture = outcomes[0].screenshot.as_deref().expect("a screenshot");
    assert!(std::fs::read(picture).expect("a file").starts_with(b"\x89PNG"));
    let end = capture.end_of(outcomes[0].session.expect("begun")).expect("ended");
    let relative = end.screenshot.as_deref().expect("a path");
    assert!(folder.path().join(relative).is_file(), "{relative}");
    let lost = outcomes[1].error.as_deref().expect("an error");
    assert!(lost.contains("answered this page with status 404"), "{lost}");
    assert_eq!(outcomes[2].status, Some(SessionStatus::Played), "{:?}", outcomes[2].error);
    assert_eq!(outcomes[2].scenario.name, "whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_is_down_is_told_from_a_missing_element() {
    let Some(found) = browser() else { return };
    let mut live = Live::new(found, PAGES).await;
    // A port that was free a moment ago and has nobody behind it.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    live.origin = format!("http://{}", closed.local_addr().expect("an address"));
    drop(closed);
    let part = live.part("down", vec![visit("/"), click("#next")]);
    let (outcomes, capture) = live.play(vec![part]).await;
    let error = outcomes[0].error.as_deref().expect("an error");
    assert!(error.contains("the site at https://shop.test does not answer"), "{error}");
    assert!(error.contains("start it or check --site"), "{error}");
    assert_eq!(capture.end_of(1).map(|end| end.site_answers), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn late_calls_of_the_server_are_waited_for_and_silence_ends_a_session_soon() {
    let Some(found) = browser() else { return };
    let live = Live::new(found, PAGES).await;
    let server = live.server.clone();
    let steps = vec![visit("/")];
    let part = live.expecting(steps, vec![expected("Purchase", 1, &[Channel::Server])]);
    let progress = Arc::clone(&live.progress);
    let waiting = tokio::spawn(async move {
        until("settling", || {
            let told = progress.lock().expect("whole");
            told.iter().any(|one| matches!(one, Progress::Settling { .. }))
        })
        .await;
        tokio::time::sleep(Duration::from_millis(600)).await;
        server.note(|seen| {
            seen.sightings.push(Sighting {
                event: "Purchase".to_owned(),
                marks: vec!["visitor-1".to_owned()],
            });
        });
    });
    let (outcomes, capture) = live.play(vec![part]).await;
    waiting.await.expect("no panic");
    let times = outcomes[0].times;
    assert!(times.waiting >= Duration::from_millis(850), "{times:?}");
    assert!(times.waiting < Duration::from_secs(4), "not to the deadline: {times:?}");
    assert_eq!(events(&capture), ["home"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_can_wait_for_an_event_on_either_channel() {
    let Some(found) = browser() else { return };
    let event = |event: &str, channel| Action::Wait {
        condition: Condition::Event { event: event.to_owned(), channel },
        within: Some(300),
    };
    let live = Live::new(found, PAGES).await;
    let part = live.part(
        "events",
        vec![visit("/"), event("home", Channel::Browser), event("Lead", Channel::Server)],
    );
    let (outcomes, _) = live.play(vec![part]).await;
    let error = outcomes[0].error.as_deref().expect("no Lead comes");
    assert!(error.starts_with("live.yaml:4:5: no Lead was caught on the server"), "{error}");
    assert!(error.contains("caught there: nothing"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_run_keeps_what_was_caught_and_leaves_no_browser_behind() {
    let Some(found) = browser() else { return };
    let zone = zone("stopped");
    let live = Live::new(found, PAGES).await.marked(&zone).with(|stage| stage.jobs = 2);
    let parts = (0..4).map(|_| live.part("endless", vec![visit("/"), never_comes()])).collect();
    let progress = Arc::clone(&live.progress);
    let (stop, marked) = (live.stop.clone(), zone.clone());
    let stopping = tokio::spawn(async move {
        until("two sessions that wait", || {
            let told = progress.lock().expect("whole");
            told.iter().filter(|one| matches!(one, Progress::Step { line: 3, .. })).count() == 2
        })
        .await;
        assert!(!processes_in(&marked).is_empty());
        stop.send(true).expect("someone listens");
        Instant::now()
    });
    let (outcomes, capture) = live.play(parts).await;
    let took = stopping.await.expect("no panic").elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
    let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome.status).collect();
    let stopped = Some(SessionStatus::Stopped);
    assert_eq!(statuses, [stopped, stopped, None, None]);
    assert_eq!(events(&capture), ["home", "home"]);
    assert_eq!(capture.ends.len(), 2);
    until("the end of all browsers", || processes_in(&zone).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_crashes_breaks_its_session_and_the_next_gets_another() {
    let Some(found) = browser() else { return };
    let zone = zone("crashed");
    let live = Live::new(found, PAGES).await.marked(&zone);
    let marked = zone.clone();
    let parts = vec![
        live.part("crashed", vec![visit("/"), never_comes()]),
        live.part("whole", vec![visit("/"), click("#next")]),
    ];
    let progress = Arc::clone(&live.progress);
    let killing = tokio::spawn(async move {
        until("a session that waits", || {
            let told = progress.lock().expect("whole");
            told.iter().any(|one| matches!(one, Progress::Step { line: 3, .. }))
        })
        .await;
        for (number, name) in processes_in(&marked) {
            if name.starts_with("chromedriver") {
                let pid = nix::unistd::Pid::from_raw(number);
                nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).expect("killed");
            }
        }
    });
    let (outcomes, capture) = live.play(parts).await;
    killing.await.expect("no panic");
    let error = outcomes[0].error.as_deref().expect("an error");
    assert!(error.contains("the browser is gone"), "{error}");
    assert_eq!(outcomes[1].status, Some(SessionStatus::Played), "{:?}", outcomes[1].error);
    assert_eq!(events(&capture), ["home", "home", "next"]);
    until("the end of all browsers", || processes_in(&zone).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_part_is_played_again_as_another_session() {
    let Some(found) = browser() else { return };
    let live = Live::new(found, PAGES).await.with(|stage| {
        stage.retries = 2;
        stage.deadlines.element = Duration::from_millis(300);
    });
    let there = Action::Click(Target::Text("There".to_owned()));
    let part = live.part("again", vec![visit("/once"), there]);
    let (outcomes, capture) = live.play(vec![part]).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Played), "{:?}", outcomes[0].error);
    assert_eq!((outcomes[0].played.attempts, outcomes[0].session), (2, Some(2)));
    let attempts: Vec<u32> = capture.sessions.iter().map(|session| session.attempt).collect();
    assert_eq!(attempts, [1, 2]);
    assert_eq!(capture.sessions[1].marks, ["visitor-2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_fail_fast_nothing_begins_after_a_broken_part() {
    let Some(found) = browser() else { return };
    let live = Live::new(found, PAGES).await.with(|stage| {
        stage.fail_fast = true;
        stage.deadlines.element = Duration::from_millis(300);
    });
    let parts = vec![
        live.part("broken", vec![visit("/"), click("#nothing")]),
        live.part("never", vec![visit("/")]),
    ];
    let (outcomes, capture) = live.play(parts).await;
    assert_eq!(outcomes[0].status, Some(SessionStatus::Broken));
    assert_eq!((outcomes[1].status, outcomes[1].session), (None, None));
    assert_eq!(capture.sessions.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_runs_already_plays_each_session_in_a_browser_of_its_own() {
    let Some(found) = browser() else { return };
    let port = {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        free.local_addr().expect("an address").port()
    };
    let mut driver = tokio::process::Command::new(&found.driver.path)
        .arg(format!("--port={port}"))
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("a driver");
    until("a driver that listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())
        .await;
    let live = Live::new(found, PAGES).await.with(|stage| {
        let source = BrowserSource::WebDriver(format!("http://127.0.0.1:{port}"));
        stage.browser =
            Arc::new(BrowserOptions { source, ..BrowserOptions::clone(&stage.browser) });
        stage.jobs = 2;
    });
    let agent = Action::Evaluate("hit(navigator.userAgent)".to_owned());
    let parts =
        (0..2).map(|_| live.part("own", vec![visit("/"), click("#next"), agent.clone()])).collect();
    let (outcomes, capture) = live.play(parts).await;
    driver.kill().await.expect("killed");
    for outcome in &outcomes {
        assert_eq!(outcome.status, Some(SessionStatus::Played), "{:?}", outcome.error);
    }
    let seen = events(&capture);
    assert_eq!(seen.len(), 6, "{seen:?}");
    assert!(!seen.iter().any(|event| event.contains("Headless")), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_that_is_not_there_is_an_error_and_no_scenario_is_lost() {
    let Some(found) = browser() else { return };
    let live = Live::new(found, PAGES).await.with(|stage| {
        let source = BrowserSource::WebDriver("http://127.0.0.1:9".to_owned());
        stage.browser =
            Arc::new(BrowserOptions { source, ..BrowserOptions::clone(&stage.browser) });
    });
    assert_eq!(live.stage.next_session.load(Ordering::Relaxed), 1);
    let parts = vec![live.part("one", vec![visit("/")]), live.part("two", vec![visit("/")])];
    let (outcomes, capture) = live.play(parts).await;
    for outcome in &outcomes {
        let error = outcome.error.as_deref().expect("an error");
        assert!(error.contains("127.0.0.1:9"), "{error}");
    }
    assert_eq!((capture.sessions.len(), capture.ends.len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_are_fresh_unmarked_by_automation_and_kept_apart() {
    let Some(found) = browser() else { return };
    let pages: Pages = &[(
        "/",
        "<script>hit([navigator.webdriver, /Headless/.test(navigator.userAgent), isSecureContext,
          navigator.languages.join(), Intl.DateTimeFormat().resolvedOptions().timeZone,
          screen.width + 'x' + screen.height, document.cookie, localStorage.length].join(' | '));
          document.cookie = 'seen=1; max-age=999'; localStorage.seen = 1;
          fetch('/').then(() => hit('brands ' + navigator.userAgentData.brands.map(b => b.brand).join()));</script>",
    )];
    let live = Live::new(found, pages).await;
    let parts = (0..2).map(|_| live.part("fresh", vec![visit("/")])).collect();
    let (outcomes, capture) = live.play(parts).await;
    assert_eq!(outcomes[1].status, Some(SessionStatus::Played), "{:?}", outcomes[1].error);
    let seen = events(&capture);
    let about: Vec<&String> = seen.iter().filter(|event| event.contains(" | ")).collect();
    assert_eq!(about.len(), 2, "{seen:?}");
    for one in about {
        assert_eq!(one, "false | false | true | en-US,en | UTC | 1280x800 |  | 0");
    }
    assert!(!seen.iter().any(|event| event.contains("Headless")), "{seen:?}");
}

/// Environment variable that hands the victim the time zone of its browsers.
const VICTIM: &str = "COUNTONCE_TEST_VICTIM_ZONE";

#[tokio::test(flavor = "multi_thread")]
async fn no_browser_outlives_a_program_that_is_killed() {
    if browser().is_none() {
        return;
    }
    let zone = zone("killed");
    let own = std::env::current_exe().expect("a program");
    let mut child = tokio::process::Command::new(own)
        .args(["--exact", "live::playing::plays_until_it_is_killed", "--ignored"])
        .env(VICTIM, &zone)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("the test binary");
    let running = || {
        let names: Vec<String> = processes_in(&zone).into_iter().map(|(_, name)| name).collect();
        names.iter().any(|name| name.starts_with("chromedriver")) && names.len() > 4
    };
    until("a browser of the other program", running).await;
    child.kill().await.expect("killed");
    until("the end of all browsers", || processes_in(&zone).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "the victim of the test above"]
async fn plays_until_it_is_killed() {
    let Some(found) = browser() else { return };
    let zone = std::env::var(VICTIM).expect("started by the test above");
    let live = Live::new(found, PAGES).await.marked(&zone);
    let part = live.part("endless", vec![visit("/"), never_comes()]);
    live.play(vec![part]).await;
}
