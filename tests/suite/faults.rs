//! What the planted faults cover: every rule that a shop can break, and every bug that was
//! seen in the wild. What no fault can show is shown by a recording.

use std::collections::BTreeSet;

use countonce::demo;
use countonce::demo::FAULTS;
use countonce::rule::rules;

use crate::rules::{findings, folder};

/// Rules that no shop can break within a run: each is shown by a recording instead, its
/// broken tape. The reason, and the rules that follow from it on that tape.
const RECORDED: &[(&str, &str, &[&str])] = &[
    ("dedup-window-exceeded", "halves that arrive more than two days apart", &["double-counted"]),
    (
        "client-ip-shared-by-visitors",
        "asked of logs; in a run the visitor's own address is known",
        &[],
    ),
    (
        "ip-family-mismatch",
        "asked where the browser's own record has an address, which a hit of the script has not",
        &[],
    ),
    ("orders-not-matched", "asked where a list of orders is given", &["missing-browser-event"]),
];

/// Bugs of shops and libraries that were seen in the wild, and what shows them here: the
/// names of faults, or the reason why none does.
#[rustfmt::skip]
const SEEN: &[(&str, Shown)] = &[
    ("event ID printed into a cached page", By(&["id-reused"])),
    ("the browser keeps one ID for ten actions, the server makes ten", By(&["id-kept-by-the-page"])),
    ("a new random ID on each channel", By(&["id-regenerated"])),
    ("ID a number on one side, a text with zeros or a prefix on the other", By(&["id-leading-zeros", "id-prefixed"])),
    ("ID missing on one side", By(&["no-id-in-browser", "no-id-on-server"])),
    ("one ID for different purchases", By(&["id-reused", "id-kept-by-the-page"])),
    ("one ID for events of two names", Not("no harm: the platform merges by name and ID")),
    ("time stamp as ID", By(&["id-from-clock"])),
    ("ID among the event's parameters", By(&["id-among-parameters"])),
    ("ID under a misspelt option", By(&["id-option-misspelt"])),
    ("object as ID", By(&["id-as-object"])),
    ("empty ID", By(&["empty-id"])),
    ("white space or case in the ID", By(&["id-with-white-space", "id-upper-cased"])),
    ("ID cut by a column", By(&["id-truncated"])),
    ("ID under a field of another tool", By(&["no-id-on-server", "field-of-app-events"])),
    ("event name in another case or spelling", By(&["event-name-in-lower-case", "event-name-misspelt"])),
    ("event renamed on one side", By(&["event-renamed-in-browser"])),
    ("no event name", By(&["no-event-name"])),
    ("another pixel ID on the server", By(&["other-dataset"])),
    ("automatic events taken for missing IDs", Not("no fault of the site: clean tapes have such events")),
    ("a bridge or gateway beside the server's own events", By(&["gateway-beside-server"])),
    ("a retry with a new ID or time", By(&["retry-with-new-id", "retry-with-new-time"])),
    ("two integrations on one page", By(&["two-integrations", "pixel-loaded-by-plugin"])),
    ("the fallback taken for granted", By(&["no-ids-at-all"])),
    ("the server's half days later", Not("needs two days: the recording of dedup-window-exceeded shows it")),
    ("PageView twice", By(&["pixel-loaded-by-plugin", "image-for-all"])),
    ("automatic PageView on a change of the route, without an ID", By(&["route-changes-unannounced"])),
    ("Purchase on reload", By(&["refired-on-reload"])),
    ("Purchase before payment, with empty contents", By(&["purchase-on-review"])),
    ("browser's Purchase kept back by the server's flag", By(&["browser-skips-purchase"])),
    ("the browser never comes back from the payment page", By(&["browser-skips-purchase"])),
    ("double click, handler bound twice", By(&["click-bound-twice", "browser-fires-twice"])),
    ("webhook and handler both report", By(&["webhook-and-handler"])),
    ("events before or against consent", By(&["pixel-ignores-refusal", "server-ignores-refusal"])),
    ("pixel blocked by the visitor", By(&["server-waits-for-pixel"])),
    ("a crawler's visit", By(&["reports-crawlers"])),
    ("address of the server, a proxy or a content network", By(&["address-of-load-balancer", "address-of-content-network"])),
    ("IPv4 on one side, IPv6 on the other", Not("either is right: the platform knows both of a visitor")),
    ("whole list of forwarded addresses", By(&["forwarded-list"])),
    ("user agent of the HTTP client, or none", By(&["own-user-agent", "no-user-agent"])),
    ("click id made anew at each send, or in seconds", By(&["fbc-made-anew", "fbc-in-seconds"])),
    ("click id dated later than the browser's cookie", By(&["fbc-dated-by-another-clock"])),
    ("click id lower-cased or cut", By(&["fbc-lower-cased", "fbc-cut"])),
    ("click id without its last part, refused", By(&["fbc-without-click"])),
    ("no click id on the landing request", By(&["fbc-late", "fbc-forgotten"])),
    ("browser id made by the server per request", By(&["fbp-per-request"])),
    ("browser id with a date for a time", By(&["fbp-with-a-date"])),
    ("browser id cut, or one for all", By(&["fbp-cut", "fbp-of-the-worker"])),
    ("click of an earlier visit", By(&["fbc-of-an-earlier-click"])),
    ("quotation marks left in the click id", By(&["fbc-in-quotes"])),
    ("another subdomain index in the click id", Not("tolerated by the platform; the table of browser and click ids shows it")),
    ("hash of a hash", By(&["double-hash"])),
    ("hash of a value that is not normalised", By(&["email-in-upper-case"])),
    ("hash of nothing", By(&["digest-of-nothing"])),
    ("the word undefined as e-mail address", By(&["undefined-email"])),
    ("phone without country code", By(&["national-phone"])),
    ("match key under a wrong name", By(&["email-under-wrong-name", "click-id-under-wrong-name"])),
    ("upper-case digest, MD5", By(&["upper-case-digest", "md5-digest"])),
    ("first and last name swapped", By(&["swapped-names"])),
    ("gender as a word", By(&["gender-as-a-word", "gender-not-given"])),
    ("date of birth in another order", By(&["birth-date-in-american-order", "default-birth-date"])),
    ("country by another code", By(&["language-as-country"])),
    ("external_id differs between the sides", By(&["external-id-with-prefix"])),
    ("nothing but address and user agent, refused", By(&["place-only"])),
    ("one test address for everybody", By(&["placeholder-email"])),
    ("digests with the library's addition", Not("no fault: clean tapes have them")),
    ("value with sign, comma or text", By(&["currency-symbol", "value-as-text"])),
    ("value in cents, of zero, with float noise", By(&["value-in-cents", "value-zero", "value-with-float-noise"])),
    ("value or currency differ between the sides", By(&["value-without-tax", "currency-hard-coded"])),
    ("value or currency missing", By(&["no-value-in-browser", "no-value-on-server", "no-currency-in-browser", "no-currency-on-server"])),
    ("ids of variants against ids of families", By(&["parent-product-ids"])),
    ("contents as text, quantities joined as text", By(&["contents-as-script", "quantity-as-text"])),
    ("content ids as one text", By(&["content-ids-as-text"])),
    ("source address relative, empty or of staging", By(&["relative-source-url", "no-source-url", "staging-source-url"])),
    ("time in milliseconds, as text, in the future, stale", By(&["time-in-milliseconds", "time-as-text", "time-in-future", "time-stale"])),
    ("action source missing or wrong", By(&["no-action-source", "action-source-web"])),
    ("test code left on", By(&["test-code-left-on"])),
    ("one bad event takes its batch along", By(&["stale-view-in-batch"])),
    ("a field that the API refuses", By(&["field-of-app-events"])),
    ("Limited Data Use without its country", By(&["limited-use-without-country"])),
    ("renewals and refunds sent as purchases", Not("the shop sells no subscriptions and takes nothing back")),
    ("personal data in addresses and parameters", By(&["email-in-url", "email-in-parameters", "plain-email"])),
    ("a hit cut at 2,048 characters", Not("a fault of hand-written clones of the script; the shop uses the script")),
    ("image beside the script", By(&["image-for-all"])),
    ("pixel script loaded twice", By(&["pixel-loaded-by-plugin"])),
    ("hits by POST, in several parts, or by an own subdomain", Not("no fault: the tap has to catch them")),
];

/// What shows a bug.
enum Shown {
    By(&'static [&'static str]),
    Not(&'static str),
}
use Shown::{By, Not};

#[test]
fn every_rule_has_a_fault_of_its_own_or_a_reason() {
    let planted: BTreeSet<&str> = FAULTS.iter().map(|fault| fault.rule).collect();
    let recorded: BTreeSet<&str> = RECORDED.iter().map(|(rule, ..)| *rule).collect();
    let bare: Vec<&str> = rules()
        .map(|rule| rule.id)
        .filter(|id| !planted.contains(id) && !recorded.contains(id))
        .collect();
    assert!(bare.is_empty(), "no fault shows {bare:?}");
    for (rule, reason, _) in RECORDED {
        assert!(reason.len() > 10, "{rule}");
        assert!(!planted.contains(rule), "{rule} has a fault and needs no recording");
    }
}

#[test]
fn recordings_show_their_rule_and_what_follows_from_it() {
    for (rule, _, also) in RECORDED {
        let fired: BTreeSet<String> = findings(&folder().join(rule).join("broken.jsonl"))
            .into_iter()
            .map(|finding| finding.rule)
            .collect();
        let meant: BTreeSet<String> =
            [*rule].iter().chain(*also).map(|rule| (*rule).to_owned()).collect();
        assert_eq!(fired, meant, "{rule}");
    }
}

#[test]
fn every_bug_that_was_seen_is_shown_by_a_fault_or_has_a_reason() {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for (bug, shown) in SEEN {
        match shown {
            By(faults) => {
                assert!(!faults.is_empty(), "{bug}");
                for fault in *faults {
                    assert!(demo::find(fault).is_some(), "{bug}: no fault is called {fault}");
                    used.insert(fault);
                }
            }
            Not(reason) => assert!(reason.len() > 10, "{bug}"),
        }
    }
    let bugs: BTreeSet<&str> = SEEN.iter().map(|(bug, _)| *bug).collect();
    assert_eq!(bugs.len(), SEEN.len(), "a bug is listed twice");
    assert!(used.len() * 3 > FAULTS.len() * 2, "most faults are bugs that were seen");
}

/// The two lists as part of the page on planted faults.
pub fn coverage() -> String {
    let mut text = String::from(
        "\n## Seen in the wild\n\nBugs of shops and libraries that people met, and the faults that show them here.\n\n| Bug | Shown by |\n| --- | --- |\n",
    );
    for (bug, shown) in SEEN {
        let by = match shown {
            By(faults) => {
                faults.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            }
            Not(reason) => format!("none: {reason}"),
        };
        text.push_str(&format!("| {bug} | {by} |\n"));
    }
    text.push_str("\n## Shown by recordings\n\nRules that no shop can break within one run. A test plays the broken tape of each back.\n\n| Rule | Why no fault | Follows from it |\n| --- | --- | --- |\n");
    for (rule, why, also) in RECORDED {
        let also: Vec<String> = also.iter().map(|rule| format!("`{rule}`")).collect();
        text.push_str(&format!("| `{rule}` | {why} | {} |\n", also.join(", ")));
    }
    text
}
