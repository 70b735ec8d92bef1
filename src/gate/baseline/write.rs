//! Writes a baseline: sorted, one thing a line, so that a review sees what changed and
//! nothing else.

use std::collections::BTreeSet;

use super::{BASELINE_FORMAT, Baseline};
use crate::event::Channel;

const HEAD: &str = "\
# Baseline of countonce. `countonce run --update-baseline` writes it; review the changes and
# commit it. Later runs fail on what is new here. `reason` and `expires` are yours: an update
# keeps them as long as the finding is still there.
";

impl Baseline {
    /// The file's text.
    pub fn text(&self) -> String {
        let mut text = format!("{HEAD}format = {BASELINE_FORMAT}\n");
        if !self.accepted.is_empty() {
            text.push_str("\n# Accepted findings: rule | event | side | scenario | cause.\n");
        }
        for (print, terms) in &self.accepted {
            text.push_str(&format!("\n[[accepted]]\nfinding = {}\n", quoted(print)));
            text.push_str(&format!("reason = {}\n", quoted(&terms.reason)));
            if let Some(day) = &terms.expires {
                text.push_str(&format!("expires = {day}\n"));
            }
        }
        if !self.behaviour.is_empty() {
            text.push_str(
                "\n# What each scenario sends, without values. `?`: on some of the events.\n",
            );
        }
        for (scenario, events) in &self.behaviour {
            if events.is_empty() {
                text.push_str(&format!("\n[behaviour.{}]\n# nothing is sent\n", key(scenario)));
            }
            for (event, seen) in events {
                text.push_str(&format!("\n[behaviour.{}.{}]\n", key(scenario), key(event)));
                list(&mut text, "pairing", &seen.pairing);
                for channel in Channel::ALL {
                    let shape = seen.sides.of(channel);
                    list(&mut text, &format!("{channel}.keys"), &shape.keys);
                    list(&mut text, &format!("{channel}.parameters"), &shape.parameters);
                }
            }
        }
        text
    }
}

fn list(text: &mut String, name: &str, words: &BTreeSet<String>) {
    if words.is_empty() {
        return;
    }
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    text.push_str(&format!("{name} = [{}]\n", words.join(", ")));
}

fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

/// A basic string of TOML. What cannot be seen in a review is spelt out.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_hidden(c) => quoted.push_str(&format!("\\U{:08X}", c as u32)),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}
