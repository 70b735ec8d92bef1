//! ## What it checks
//! No parameter has a name that is only almost that of a standard one (`contentIds`,
//! `content_id`, `Value`), unless the right one is sent as well. Other names are custom
//! parameters and fine, but for bare numbers (`0`, `1`), which come of a list or a text in
//! the place of the object. In a call, every field of the event itself must be one that the
//! API knows; what belongs into `custom_data` goes there.
//!
//! ## Why it matters
//! A misspelt parameter is a custom one: it is kept and used for nothing. A field that the
//! Conversions API does not know makes it refuse the whole request.
//!
//! ## How to fix
//! Write the name as in the reference, in lower case with underscores. Move fields of your
//! own into `custom_data`.
//!
//! ## Source
//! Meta, standard parameters; error 100/2804019, unexpected key (observed).

use crate::event::Event;
use crate::finding::Severity;
use crate::platform::meta::vocabulary::{meant_field, meant_parameter};
use crate::rule::{Check, Offence, Rule};

/// The rule.
pub(crate) const RULE: Rule = Rule {
    id: "unknown-parameter",
    title: "a parameter or field under a name that the platform does not know",
    severity: Severity::Warn,
    check: Check::Event(ask),
    source: include_str!("unknown_parameter.rs"),
};

/// Cause where parameters came as a list.
const LIST: &str = "a list where names belong";

fn is_place_in_list(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

fn ask(event: &Event) -> Vec<Offence> {
    if event.automatic {
        return Vec::new();
    }
    let mut offences: Vec<Offence> = event
        .parameters
        .keys()
        .filter_map(|name| {
            let meant = meant_parameter(name)?;
            let intended = event.parameter(meant).is_some();
            (!intended).then(|| {
                Offence::new(
                    format!(
                        "{} from the {} has the parameter \"{name}\"; the platform knows {meant}",
                        event.name(),
                        event.channel
                    ),
                    format!("name it {meant}"),
                )
                .because(meant)
            })
        })
        .collect();
    if event.parameters.keys().any(|name| is_place_in_list(name)) {
        offences.push(
            Offence::new(
                format!(
                    "{} from the {} has a list or a text where its parameters belong: they arrive as 0, 1, …",
                    event.name(),
                    event.channel
                ),
                "hand the parameters over as an object of names and values",
            )
            .because(LIST),
        );
    }
    for name in super::unknown_fields(event) {
        // An id under a wrong name is a rule of its own, as long as there is no right one.
        if event.misplaced_id.as_ref().is_some_and(|id| id.place == name) && event.id.is_none() {
            continue;
        }
        let (hint, fix) = match meant_field(name) {
            Some(meant) => (format!("; it knows {meant}"), format!("name it {meant}")),
            None => (String::new(), "move it into custom_data, or leave it out".to_owned()),
        };
        offences.push(
            Offence::new(
                format!(
                    "{} has the field \"{name}\", which the API does not know{hint}: it refuses the whole request",
                    event.name()
                ),
                fix,
            )
            .because("unknown field")
            .weighing(Severity::Error),
        );
    }
    offences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Channel;
    use serde_json::json;

    #[test]
    fn custom_names_pass_and_slips_do_not() {
        let mut event = Event::new(Channel::Browser, 1, "1");
        for name in ["colour", "price", "content_ids", "coupon", "total"] {
            event.parameters.insert(name.into(), json!(1));
        }
        assert!(ask(&event).is_empty());
        // The shop's own `content_id` beside the standard list is meant.
        event.parameters.insert("content_id".into(), json!(1));
        assert!(ask(&event).is_empty());
        event.parameters.insert("Currency".into(), json!("USD"));
        assert_eq!(ask(&event)[0].cause.as_deref(), Some("currency"));
    }

    #[test]
    fn a_list_in_the_place_of_parameters_is_told_once() {
        let mut event = Event::new(Channel::Browser, 1, "1");
        for name in ["0", "1", "size_2"] {
            event.parameters.insert(name.into(), json!("x"));
        }
        let causes: Vec<_> = ask(&event).into_iter().filter_map(|one| one.cause).collect();
        assert_eq!(causes, [LIST]);
    }

    #[test]
    fn fields_that_the_api_does_not_know_weigh_more() {
        let mut event = Event::new(Channel::Server, 1, "1");
        event.marks.insert("unknown field eventTime".into(), String::new());
        let found = ask(&event);
        assert_eq!(found[0].severity, Some(Severity::Error));
        assert!(found[0].message.contains("event_time"));
    }
}
