//! Waits for a condition: the page's address, an element, a text, an event on one of
//! the two channels, a script expression.
//!
//! There is no waiting for time to pass: a pause is always too short on a slow day.

use serde_json::json;

use super::read::text_schema;
use super::{
    Action, Arg, ArgValue, Condition, Flaw, StepError, StepKind, duration, duration_schema,
    nearest, target_schema,
};
use crate::event::Channel;

const EXAMPLE: &str = "wait: { url: /thank-you, within: 10s }";

/// What can be waited for; exactly one of them stands in a wait.
const CONDITIONS: &[&str] = &["url", "visible", "hidden", "text", "event", "script"];
/// What may stand beside it.
const BESIDE: &[&str] = &["channel", "within"];

pub(super) const STEP: StepKind = StepKind {
    keyword: "wait",
    summary: "Waits for one of `url` (part of the address), `visible`, `hidden`, `text`, `event` (caught on `channel`, default browser) or `script` (truthy); `within` sets its own deadline. A bare selector waits until it is visible",
    example: EXAMPLE,
    parse,
    schema: || {
        json!({ "anyOf": [
            target_schema(),
            {
                "type": "object",
                "properties": {
                    "url": text_schema("The address of the page contains this"),
                    "visible": target_schema(),
                    "hidden": target_schema(),
                    "text": text_schema("This text is somewhere on the page"),
                    "event": text_schema("An event of this name was caught in this session"),
                    "channel": { "enum": ["browser", "server"], "default": "browser" },
                    "script": { "type": "string", "description": "This expression is truthy in the page" },
                    "within": duration_schema(),
                },
                "additionalProperties": false,
                "oneOf": CONDITIONS.iter().map(|word| json!({ "required": [word] })).collect::<Vec<_>>(),
                "dependentRequired": { "channel": ["event"] },
            },
        ] })
    },
};

fn parse(arg: &Arg) -> Result<Vec<Action>, StepError> {
    let parts = match &arg.value {
        ArgValue::Map(parts) => parts,
        ArgValue::Text(text) if duration(text).is_ok() || text.trim().parse::<f64>().is_ok() => {
            return Err(StepError::at(
                arg,
                "a wait is for something to happen, not for time to pass",
            )
            .hint(format!("for example `{EXAMPLE}`")));
        }
        _ => {
            let condition = Condition::Visible(arg.target()?);
            return Ok(vec![Action::Wait { condition, within: None }]);
        }
    };
    let part = |word: &str| {
        parts
            .iter()
            .find(|(key, _)| matches!(&key.value, ArgValue::Text(text) if text == word))
            .map(|(key, value)| (key, value))
    };
    for (key, _) in parts {
        known_word(key)?;
    }
    let mut wanted = parts.iter().filter(|(key, _)| {
        matches!(&key.value, ArgValue::Text(text) if CONDITIONS.contains(&text.as_str()))
    });
    let Some((key, value)) = wanted.next() else {
        return Err(StepError::at(arg, "nothing to wait for")
            .hint(format!("name one of {}", CONDITIONS.join(", "))));
    };
    if let Some((second, _)) = wanted.next() {
        return Err(StepError::at(second, "a wait has one condition")
            .hint("write two waits, one after the other"));
    }
    let condition = condition(key, value, part("channel").map(|(_, value)| value))?;
    if let (Some((channel, _)), false) =
        (part("channel"), matches!(condition, Condition::Event { .. }))
    {
        return Err(StepError::at(channel, "`channel` goes with `event` only"));
    }
    let within = match part("within") {
        None => None,
        Some((_, value)) => {
            let millis = duration(value.text("a duration")?)
                .map_err(|what| StepError::flaw(value, Flaw::new(what)))?;
            Some(millis)
        }
    };
    Ok(vec![Action::Wait { condition, within }])
}

fn known_word(key: &Arg) -> Result<(), StepError> {
    let word = key.text("a condition")?;
    if CONDITIONS.contains(&word) || BESIDE.contains(&word) {
        return Ok(());
    }
    let all = || CONDITIONS.iter().chain(BESIDE).copied();
    let error = StepError::at(key, format!("unknown condition `{word}`"));
    Err(match (word, nearest(word, all())) {
        ("timeout" | "deadline" | "for", _) => error.hint("did you mean `within`?"),
        (_, Some(known)) => error.hint(format!("did you mean `{known}`?")),
        (_, None) => error.hint(format!("known are {}", all().collect::<Vec<_>>().join(", "))),
    })
}

fn condition(key: &Arg, value: &Arg, channel: Option<&Arg>) -> Result<Condition, StepError> {
    let text = |wanted: &str| -> Result<String, StepError> {
        let text = value.text(wanted)?;
        if text.trim().is_empty() {
            return Err(StepError::at(value, format!("{wanted} is empty")));
        }
        Ok(text.to_owned())
    };
    Ok(match key.text("a condition")? {
        "url" => Condition::Url(text("a part of the address")?),
        "visible" => Condition::Visible(value.target()?),
        "hidden" => Condition::Hidden(value.target()?),
        "text" => Condition::Text(text("a text")?),
        "script" => Condition::Script(text("a script expression")?),
        _ => Condition::Event { event: text("an event name")?, channel: channel_of(channel)? },
    })
}

fn channel_of(arg: Option<&Arg>) -> Result<Channel, StepError> {
    let Some(arg) = arg else { return Ok(Channel::Browser) };
    let name = arg.text("a channel")?;
    Channel::from_name(name).ok_or_else(|| {
        let error = StepError::at(arg, format!("unknown channel `{name}`"));
        match nearest(name, Channel::ALL.map(Channel::name)) {
            Some(known) => error.hint(format!("did you mean `{known}`?")),
            None => error.hint("the channels are `browser` and `server`"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::super::read::testing::*;
    use super::*;

    fn wait(condition: Condition, within: Option<u64>) -> [Action; 1] {
        [Action::Wait { condition, within }]
    }

    #[test]
    fn every_condition_is_read() {
        let css = |text: &str| Target::Css(text.to_owned());
        for (pairs, expected) in [
            (vec![("url", "/thank-you")], wait(Condition::Url("/thank-you".to_owned()), None)),
            (
                vec![("visible", "#done"), ("within", "5s")],
                wait(Condition::Visible(css("#done")), Some(5_000)),
            ),
            (
                vec![("within", "1m"), ("hidden", ".spinner")],
                wait(Condition::Hidden(css(".spinner")), Some(60_000)),
            ),
            (vec![("text", "Thank you")], wait(Condition::Text("Thank you".to_owned()), None)),
            (
                vec![("script", "window.ready")],
                wait(Condition::Script("window.ready".to_owned()), None),
            ),
            (
                vec![("event", "Purchase")],
                wait(
                    Condition::Event { event: "Purchase".to_owned(), channel: Channel::Browser },
                    None,
                ),
            ),
            (
                vec![("event", "Purchase"), ("channel", "server")],
                wait(
                    Condition::Event { event: "Purchase".to_owned(), channel: Channel::Server },
                    None,
                ),
            ),
        ] {
            assert_eq!(good(&STEP, &map(&pairs)), expected);
        }
        assert_eq!(good(&STEP, &text("#done")), wait(Condition::Visible(css("#done")), None));
    }

    #[test]
    fn time_alone_is_not_a_condition() {
        for pause in ["5s", "500ms", "3"] {
            assert!(bad(&STEP, &text(pause)).what.contains("not for time to pass"), "{pause}");
        }
        assert!(bad(&STEP, &map(&[("within", "5s")])).what.contains("nothing to wait for"));
    }

    #[test]
    fn wrong_words_are_named() {
        let hint = |pairs: &[(&str, &str)]| bad(&STEP, &map(pairs)).hint.unwrap_or_default();
        assert!(hint(&[("ulr", "/x")]).contains("`url`"));
        assert!(hint(&[("url", "/x"), ("timeout", "5s")]).contains("`within`"));
        assert!(hint(&[("event", "Lead"), ("channel", "sever")]).contains("`server`"));
        for pairs in [
            vec![("url", "/x"), ("text", "y")],
            vec![("url", "/x"), ("channel", "server")],
            vec![("url", "")],
            vec![("url", "/x"), ("within", "5")],
            vec![],
        ] {
            bad(&STEP, &map(&pairs));
        }
    }
}
