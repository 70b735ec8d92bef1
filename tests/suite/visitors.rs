//! Visitors and variants against the demo shop, in a real browser: the clean shop passes,
//! and each fault that shows only for some visitors or in a twisted flow is found there.

use countonce::demo::{FAULTS, Fault, Showing, circumstances};
use countonce::session::{ENGINES, Engine};
use countonce::visitor::{CLEAN, PROFILES, VARIANTS};
use serde_json::Value;

use crate::cli::{countonce, refused};
use crate::demo::{all_found, browser, play_all, report, show};
use crate::engines::installed;

/// Why a combination cannot be played in the purchase, where it cannot: its profile or its
/// variant, and what the reason has to say.
const NOT_PLAYABLE: &[(&str, &str)] = &[
    // The note that the article is in the cart is a script's.
    ("no-script", "#added"),
];

/// Plays the purchase with these profiles and variants in an engine; each combination must
/// pass, or be one of those that cannot be played. Returns how many passed.
fn all_pass(engine: &'static Engine, profiles: &str, variants: &str, combinations: usize) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let mut words = vec![
        "demo",
        "--browser",
        engine.name,
        "--filter",
        "name:\"Guest checkout\"",
        "--profile",
        profiles,
    ];
    if !variants.is_empty() {
        words.extend(["--variant", variants]);
    }
    if engine.name != ENGINES[0].name {
        // These engines drop the image request of a page that is left in the moment in which
        // it is made, as a busy machine makes happen; a fault shows in the second attempt too.
        std::fs::write(folder.path().join("engines.toml"), "max_flaky = 2\n").expect("written");
        words.extend(["--retries", "1", "--policy", "engines.toml"]);
    }
    let said = countonce(folder.path(), &words);
    let played = report(folder.path());
    let runs = played["scenarios"].as_array().expect("a list");
    let wrong: Vec<&Value> = runs.iter().filter(|run| !is_in_order(run)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{:#}", played["findings"]);
    assert_eq!(said.code, 0, "{}", show(&said));
    assert_eq!(runs.len(), combinations);
    let junit = std::fs::read_to_string(folder.path().join("reports/latest/junit.xml"));
    let junit = junit.expect("a report");
    for run in runs {
        let words = [&run["profile"], &run["variant"]];
        for word in words.into_iter().filter_map(|word| word.as_str()) {
            assert!(junit.contains(word), "JUnit does not name {word}");
        }
    }
    runs.iter().filter(|run| run["status"] == "passed").count()
}

/// True for a combination that passed, or that cannot be played for a reason that is known,
/// said with its step, and noticed soon.
fn is_in_order(run: &Value) -> bool {
    let error = run["error"].as_str().unwrap_or_default();
    let (profile, variant) = (&run["profile"], &run["variant"]);
    let known = NOT_PLAYABLE
        .iter()
        .any(|(name, why)| (profile == name || variant == name) && error.contains(why));
    let soon = run["seconds"].as_f64().is_some_and(|seconds| seconds < NOTICED);
    let step = error.starts_with("scenarios/guest-checkout.yaml:")
        || error == "the flow as written was not played to the end";
    match run["status"].as_str() {
        Some("passed") => true,
        Some("not applicable") => known && soon && step,
        _ => false,
    }
}

/// How long a combination that cannot be played may take, seconds: some pages, and then less
/// than a step waits for its element.
const NOTICED: f64 = 9.0;

#[test]
fn live_the_clean_shop_passes_for_every_profile() {
    if browser() {
        let passed = all_pass(ENGINES[0], "all", "", PROFILES.len());
        assert_eq!(passed, PROFILES.len() - 1, "all but no-script can be played");
    }
}

#[test]
fn live_the_clean_shop_passes_in_every_variant() {
    if browser() {
        let passed = all_pass(ENGINES[0], "clean", "all", VARIANTS.len() + 1);
        assert_eq!(passed, VARIANTS.len() + 1);
    }
}

#[test]
#[ignore = "plays every profile in every variant; takes minutes"]
fn live_the_clean_shop_passes_in_every_combination() {
    if browser() {
        let columns = VARIANTS.len() + 1;
        let passed = all_pass(ENGINES[0], "all", "all", PROFILES.len() * columns);
        assert!(passed >= (PROFILES.len() - 1) * columns, "{passed} passed");
    }
}

/// What is emulated in the tap works in every engine; what an engine cannot do of it stands
/// in docs/profiles.md and changes nothing about the verdict.
fn elsewhere(name: &str) {
    let engine = Engine::named(name).expect("an engine");
    if installed(engine) {
        let profiles = "clean,adblock,consent-refused,mobile";
        let passed = all_pass(engine, profiles, "reload,second-visitor", 12);
        assert_eq!(passed, 12);
    }
}

#[test]
fn live_profiles_and_variants_pass_in_firefox() {
    elsewhere("firefox");
}

#[test]
fn live_profiles_and_variants_pass_in_webkit() {
    elsewhere("webkit");
}

#[test]
fn an_unknown_profile_or_variant_is_refused_with_those_that_are_known() {
    let profiles: Vec<&str> = PROFILES.iter().map(|profile| profile.name).collect();
    let near = "there is no profile `ad-block`; did you mean `adblock`?";
    refused(&["demo", "--profile", "ad-block"], &[], &[&[near], &profiles[..]].concat());
    let variants: Vec<&str> = VARIANTS.iter().map(|variant| variant.name).collect();
    let near = "there is no variant `relaod`; did you mean `reload`?";
    refused(&["demo", "--variant", "relaod"], &[], &[&[near], &variants[..]].concat());
    let flow = "name: A\nprofiles: [clean, ad-block]\nvariants: [relaod]\nsteps:\n  - visit: /\nexpect: []\nnever: [Lead]\n";
    let told = ["a.yaml:2:19", "`ad-block`", "`adblock`", "a.yaml:3:12", "`relaod`", "`reload`"];
    refused(&["run", "a.yaml"], &[("a.yaml", flow)], &told);
    let own = "[profiles.kiosk]\nlike = \"ad-block\"\n";
    let plain = "name: A\nsteps:\n  - visit: /\nexpect: []\nnever: [Lead]\n";
    let files = [("countonce.toml", own), ("a.yaml", plain)];
    refused(&["run", "a.yaml"], &files, &["countonce.toml:2", "ad-block"]);
}

#[test]
fn a_filter_list_without_a_rule_is_refused_with_a_sample() {
    let words = ["demo", "--profile", "adblock", "--filter-list", "none.txt"];
    let told = ["none.txt: no rule in it can be read", "||tracker.example^"];
    refused(&words, &[("none.txt", "! Title: Nothing\n! a comment\n")], &told);
    refused(&["demo", "--profile", "adblock", "--filter-list", "away.txt"], &[], &["away.txt"]);
}

#[test]
fn live_lines_of_a_filter_list_that_cannot_be_read_are_counted_sampled_and_said() {
    if !browser() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let list = "! Title: Half a list\n||connect.facebook.net^\n||facebook.com/tr^$notatype\n||x.test^$alsonone=1\n";
    std::fs::write(folder.path().join("half.txt"), list).expect("written");
    let words = ["demo", "--filter", "name:\"Browse only\"", "--profile", "adblock"];
    let said = countonce(folder.path(), &[&words[..], &["--filter-list", "half.txt"]].concat());
    let told = "2 of 3 lines with rules cannot be read, for example `||facebook.com/tr^$notatype`";
    assert!(said.err.contains(told), "{}", show(&said));
    assert_eq!(said.code, 0, "{}", show(&said));
    let lists = report(folder.path())["filter_lists"].to_string();
    assert!(lists.contains("1 rules, 2 lines unread"), "{lists}");
    assert!(said.out.contains("2 lines unread"), "the report does not say so: {}", said.out);
}

/// The first purchase of the shop is lost on its server, the second one is not.
#[test]
fn live_what_fails_and_then_passes_is_flaky_and_the_policy_decides() {
    if !browser() {
        return;
    }
    let play = |policy: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("policy.toml"), policy).expect("written");
        let words = ["demo", "--fault", "first-purchase-lost", "--filter"];
        let more = ["name:\"Guest checkout\"", "--retries", "2", "--policy", "policy.toml"];
        let said = countonce(folder.path(), &[&words[..], &more[..]].concat());
        let report = report(folder.path());
        (said, report)
    };
    let (said, played) = play("preset = \"strict\"\n");
    assert_eq!(said.code, 1, "{}", show(&said));
    assert!(said.err.contains("played once more"), "{}", said.err);
    let run = &played["scenarios"][0];
    assert_eq!(played["scenarios"].as_array().map(Vec::len), Some(1));
    assert_eq!((&run["status"], &run["attempt"]), (&"passed".into(), &2.into()), "{run:#}");
    assert_eq!(run["flaky"], true);
    assert_eq!(run["earlier"][0]["status"], "failed");
    let why = run["earlier"][0]["error"].as_str().unwrap_or_default();
    assert!(why.contains("missing-server-event"), "{why}");
    assert_eq!(played["findings"].as_array().map(Vec::len), Some(0));

    let (said, played) = play("preset = \"strict\"\nmax_flaky = 1\n");
    assert_eq!(said.code, 0, "{}", show(&said));
    assert_eq!(played["scenarios"][0]["flaky"], true);
}

#[test]
fn every_profile_but_the_plain_one_and_every_variant_has_a_fault() {
    let planted: Vec<Showing> = FAULTS.iter().copied().filter_map(circumstances).collect();
    for variant in VARIANTS {
        let shows = planted.iter().any(|showing| showing.variant == variant.name);
        assert!(shows, "no fault shows in {}", variant.name);
    }
    for profile in PROFILES.iter().filter(|profile| profile.name != CLEAN) {
        let shows = planted.iter().any(|showing| showing.profile == profile.name);
        assert!(shows, "no fault shows for {}", profile.name);
    }
}

#[test]
fn live_faults_of_some_visitors_are_found_there() {
    if !browser() {
        return;
    }
    let names = ["fires-anew-on-reload", "server-waits-for-pixel", "server-waits-for-thank-you"];
    let faults: Vec<&'static Fault> =
        names.iter().map(|name| countonce::demo::find(name).expect("a fault")).collect();
    all_found(&play_all(&faults));
}

#[test]
#[ignore = "plays every fault of the family in a browser; takes minutes"]
fn live_every_fault_of_some_visitors_is_found_there() {
    if !browser() {
        return;
    }
    let faults: Vec<&'static Fault> =
        FAULTS.iter().copied().filter(|fault| circumstances(fault).is_some()).collect();
    all_found(&play_all(&faults));
}
