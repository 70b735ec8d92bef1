//! Puts a person's data into the steps of a scenario.
//!
//! A value is made fit for the text it goes into: percent-encoded in addresses,
//! escaped for quotes in scripts and CSS. Elsewhere it goes in as it is.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Scenario, Step, template};
use crate::persona::Persona;
use crate::step::TextUse;

/// All but the unreserved characters of RFC 3986: a plus sign in a phone number must
/// not become a space.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Scenario {
    /// The steps with this person's data in place of `${persona.…}`.
    pub fn bind(&self, persona: &Persona) -> Vec<Step> {
        self.steps
            .iter()
            .map(|step| Step {
                actions: step
                    .actions
                    .iter()
                    .map(|action| action.with_texts(&mut |usage, text| fill(usage, text, persona)))
                    .collect(),
                ..step.clone()
            })
            .collect()
    }
}

fn fill(usage: TextUse, text: &str, persona: &Persona) -> String {
    template::bind(text, &|field| {
        let value = persona.field(field)?;
        Some(match usage {
            TextUse::Plain | TextUse::XPath => value.to_owned(),
            TextUse::Address => utf8_percent_encode(value, RESERVED).to_string(),
            TextUse::Script | TextUse::Css => escaped(value),
        })
    })
}

/// The value as it stands between quotes of any kind.
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for c in value.chars() {
        if matches!(c, '\\' | '\'' | '"' | '`') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn persona() -> Persona {
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Persona {
            kind: "us_shopper".to_owned(),
            fields: vec![field("last_name", "O'Brien"), field("phone", "+12015550123")],
        }
    }

    fn filled(usage: TextUse, text: &str) -> String {
        fill(usage, text, &persona())
    }

    #[test]
    fn values_are_made_fit_for_their_text() {
        assert_eq!(filled(TextUse::Plain, "Mr ${persona.last_name}"), "Mr O'Brien");
        assert_eq!(
            filled(TextUse::Address, "/?p=${persona.phone}&n=${persona.last_name}"),
            "/?p=%2B12015550123&n=O%27Brien"
        );
        assert_eq!(filled(TextUse::Script, "f('${persona.last_name}')"), "f('O\\'Brien')");
        assert_eq!(filled(TextUse::Css, "[v='${persona.last_name}']"), "[v='O\\'Brien']");
    }

    #[test]
    fn literal_dollars_come_out_single() {
        assert_eq!(filled(TextUse::Script, "`${$}{x}`"), "`${x}`");
        assert_eq!(filled(TextUse::Plain, "costs $5"), "costs $5");
    }
}
