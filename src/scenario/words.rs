//! The words of scenario files besides the steps: keys, other names of
//! match keys, and event names that are spelled wrong most easily.

/// Keys of a scenario and what they hold.
pub(super) const KEYS: &[(&str, &str)] = &[
    ("name", "Its name, unique among all scenarios of a run"),
    ("tags", "Words to select by (`--filter tag:cutover`)"),
    ("site", "The site it plays on: an http(s) address, or `demo` for the embedded shop"),
    ("persona", "Kind of test person whose data `${persona.…}` gives"),
    ("profiles", "Circumstances of the visitor in which it is played; `clean` unless said"),
    ("variants", "Twists of the flow to play as well: names, or `all`; none unless said"),
    ("consent", "How the banner of the site is answered, for profiles that do"),
    ("steps", "What the visitor does, in order"),
    ("expect", "The conversions that really happen by it; `[]` where silence is expected"),
    ("never", "Names of events that must not be caught"),
    (
        "server_faults",
        "What the server tap does to calls of this flow instead of answering them well",
    ),
    ("settle", "How long to wait at most for late events after the last step"),
];

/// Keys of one server fault and what they hold.
pub(super) const FAULT_KEYS: &[(&str, &str)] = &[
    ("answer", "What happens to the call"),
    ("event", "Name of an event that the call has to carry; any call unless said"),
    ("calls", "Which of the matching calls: `2`, `1-3` or `all`; the first unless said"),
    ("delay", "How late a slow answer is (4 s unless said), or how long one is withheld (60 s)"),
];

/// Keys of `consent` and what they hold.
pub(super) const CONSENT_KEYS: &[(&str, &str)] = &[
    ("accept", "The element that agrees, or `{ cookies: { name: value } }`"),
    ("refuse", "The element that refuses, or `{ cookies: { name: value } }`"),
    ("before", "What may be sent before the answer: `silent` (unless said) or `allowed`"),
];

/// Word for every variant.
pub(super) const ALL: &str = "all";

/// Keys of one expectation and what they hold.
pub(super) const EXPECTATION_KEYS: &[(&str, &str)] = &[
    ("event", "Event name"),
    ("count", "How many conversions really happen; 1 unless said"),
    ("channels", "Channels that must carry each of them; both unless said"),
    ("value", "Conversion value that each of them has"),
    ("currency", "Currency of the value, ISO 4217"),
    ("keys", "Match keys that each channel must carry"),
];

/// What people call a match key, and its name.
pub(super) const OTHER_KEY_NAMES: &[(&str, &str)] = &[
    ("email", "em"),
    ("phone", "ph"),
    ("first_name", "fn"),
    ("last_name", "ln"),
    ("gender", "ge"),
    ("birth_date", "db"),
    ("dob", "db"),
    ("city", "ct"),
    ("state", "st"),
    ("zip", "zp"),
    ("ip", "client_ip_address"),
    ("user_agent", "client_user_agent"),
    ("ua", "client_user_agent"),
    ("fbclid", "fbc"),
    ("click_id", "fbc"),
];

/// Event names in common use. Own names are as good; these only serve to notice one
/// that is almost, but not quite, one of them.
const FAMILIAR_EVENTS: &[&str] = &[
    "PageView",
    "ViewContent",
    "Search",
    "AddToCart",
    "AddToWishlist",
    "InitiateCheckout",
    "AddPaymentInfo",
    "Purchase",
    "Lead",
    "CompleteRegistration",
    "Contact",
    "CustomizeProduct",
    "Donate",
    "FindLocation",
    "Schedule",
    "StartTrial",
    "SubmitApplication",
    "Subscribe",
];

/// The familiar event name that this one was probably meant to be.
pub(super) fn misspelled_event(name: &str) -> Option<&'static str> {
    const LONGEST: usize = 64;
    if FAMILIAR_EVENTS.contains(&name) || name.len() > LONGEST {
        return None;
    }
    // `add_to_cart` and `Add to cart` are the usual slips besides letters.
    let folded: String =
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    FAMILIAR_EVENTS.iter().copied().find(|known| {
        let distance = strsim::damerau_levenshtein(&folded, &known.to_lowercase());
        distance <= if known.len() < 6 { 1 } else { 2 }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::MatchKey;

    #[test]
    fn slips_are_noticed_and_own_names_are_left_alone() {
        for (slip, meant) in [
            ("Purchse", "Purchase"),
            ("purchase", "Purchase"),
            ("add_to_cart", "AddToCart"),
            ("Leads", "Lead"),
        ] {
            assert_eq!(misspelled_event(slip), Some(meant), "{slip}");
        }
        for own in ["Purchase", "Loaded", "NewsletterSignup", "Quote", "Trial", &"x".repeat(9_999)]
        {
            assert_eq!(misspelled_event(own), None, "{own}");
        }
    }

    #[test]
    fn other_names_lead_to_real_keys() {
        for (other, key) in OTHER_KEY_NAMES {
            assert!(MatchKey::from_name(key).is_some() && MatchKey::from_name(other).is_none());
        }
    }
}
