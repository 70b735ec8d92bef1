//! The time-line: steps as they were recorded, events as they were caught and joined.

use std::collections::{BTreeMap, HashMap};

use crate::capture::{Capture, CookieRecord, StepRecord};
use crate::event::{Channel, Event, mask_personal, mask_url};
use crate::join::{Standing, Tables};
use crate::report::{Caught, Joined, Shot, StepRun};

/// The steps of the sessions that are judged.
pub(super) fn steps(capture: &Capture, tables: &Tables) -> Vec<StepRun> {
    let mut jars: HashMap<u32, Jar<'_>> = HashMap::new();
    capture
        .steps
        .iter()
        .filter(|step| tables.sessions.iter().any(|facts| facts.session == step.session))
        .map(|step| StepRun {
            session: step.session,
            line: step.line,
            text: mask_personal(&step.text),
            at: step.at,
            millis: step.millis,
            page: shown(&step.page),
            error: step.error.as_deref().map(mask_personal),
            cookies: jars.entry(step.session).or_default().after(step),
        })
        .collect()
}

/// An address as it may be shown: some sites put people into paths too.
fn shown(address: &str) -> String {
    mask_personal(&mask_url(address))
}

/// The platform's cookies of a visitor, by name; only those are on a tape with a value.
#[derive(Default)]
struct Jar<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Jar<'a> {
    /// What became of them in a step, without a value.
    fn after(&mut self, step: &'a StepRecord) -> Vec<String> {
        // Cookies are not looked at after every step: none at all says nothing.
        if step.cookies.is_empty() {
            return Vec::new();
        }
        let now: BTreeMap<&str, &CookieRecord> = step
            .cookies
            .iter()
            .filter(|cookie| cookie.value.is_some())
            .map(|cookie| (cookie.name.as_str(), cookie))
            .collect();
        let mut told: Vec<String> = now
            .iter()
            .filter_map(|(name, cookie)| match self.0.get(name) {
                None => Some(format!("{name} set{}", lifetime(cookie, step.at))),
                Some(before) if Some(*before) != cookie.value.as_deref() => {
                    Some(format!("{name} changed{}", lifetime(cookie, step.at)))
                }
                Some(_) => None,
            })
            .collect();
        told.extend(
            self.0
                .keys()
                .filter(|name| !now.contains_key(*name))
                .map(|name| format!("{name} gone")),
        );
        self.0 = now
            .into_iter()
            .filter_map(|(name, cookie)| Some((name, cookie.value.as_deref()?)))
            .collect();
        told
    }
}

/// How long a cookie stays, and whether the server set it.
fn lifetime(cookie: &CookieRecord, at: i64) -> String {
    const DAY: i64 = 24 * 60 * 60;
    let by = if cookie.http_only { " by the server" } else { "" };
    match cookie.expires {
        Some(expires) => {
            let days = (expires - at.div_euclid(1000) + DAY / 2).div_euclid(DAY).max(0);
            format!("{by} for {days} days")
        }
        None => format!("{by} until the browser closes"),
    }
}

/// Pictures of the judged sessions.
pub(super) fn shots(capture: &Capture, tables: &Tables) -> Vec<Shot> {
    capture
        .pictures
        .iter()
        .filter(|picture| tables.sessions.iter().any(|facts| facts.session == picture.session))
        .map(|picture| Shot {
            session: picture.session,
            at: picture.at,
            page: shown(&picture.page),
            file: picture.file.clone(),
        })
        .collect()
}

/// Every event with its other half; positions are those of [`Tables::events`].
pub(super) fn caught(tables: &Tables) -> Vec<Caught> {
    let joined = joined(tables);
    tables
        .events
        .iter()
        .zip(&tables.standings)
        .enumerate()
        .map(|(row, (event, standing))| Caught {
            exchange: event.exchange,
            entry: event.entry,
            channel: event.channel,
            session: event.session,
            event: event.name().to_owned(),
            at: event.caught,
            transport: event.transport.to_owned(),
            page: event.page.as_deref().map(shown).unwrap_or_default(),
            standing: standing.name().to_owned(),
            joined: joined.get(&row).copied(),
            refused: event.refused.as_ref().map(|refusal| mask_personal(&refusal.title)),
            sender: sender(event),
        })
        .collect()
}

/// The script that fired a hit, or the program that called, by its first product; a
/// hit's user agent is the visitor's.
fn sender(event: &Event) -> Option<String> {
    match event.channel {
        Channel::Browser => event.caller.as_ref().map(ToString::to_string),
        Channel::Server => {
            let product = event.sender.as_deref()?.split_whitespace().next()?;
            Some(product.chars().take(60).collect())
        }
    }
}

fn joined(tables: &Tables) -> HashMap<usize, Joined> {
    let mut sides: HashMap<(&str, &str, &str), [Option<usize>; 2]> = HashMap::new();
    for (row, (event, standing)) in tables.events.iter().zip(&tables.standings).enumerate() {
        let Some(id) = event.id.as_deref().filter(|_| *standing == Standing::Paired) else {
            continue;
        };
        let side = sides.entry((&event.pixel, event.name(), id)).or_default();
        side[usize::from(event.channel == Channel::Server)].get_or_insert(row);
    }
    let pairs = sides.into_values().filter_map(|[browser, server]| Some((browser?, server?, true)));
    let near = tables.near.iter().map(|near| (near.browser, near.server, false));
    let mut joined = HashMap::new();
    for (browser, server, merged) in pairs.chain(near) {
        joined.insert(browser, Joined { with: server, merged });
        joined.insert(server, Joined { with: browser, merged });
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_told_when_they_come_change_or_go() {
        let cookie = |name: &str, value: Option<&str>, expires: Option<i64>| CookieRecord {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            domain: String::new(),
            expires,
            http_only: false,
        };
        let step = |cookies: Vec<CookieRecord>| StepRecord {
            session: 1,
            at: 0,
            line: 1,
            text: String::new(),
            millis: 0,
            page: String::new(),
            error: None,
            cookies,
            twist: None,
        };
        let steps = [
            step(vec![
                cookie("_fbp", Some("fb.1.1.1"), Some(7_776_000)),
                cookie("sid", None, None),
            ]),
            step(vec![cookie("_fbp", Some("fb.1.1.1"), Some(7_776_000))]),
            step(vec![cookie("_fbp", Some("fb.1.2.2"), None)]),
            step(vec![]),
            step(vec![cookie("sid", None, None)]),
        ];
        let mut jar = Jar::default();
        let told: Vec<Vec<String>> = steps.iter().map(|step| jar.after(step)).collect();
        assert_eq!(told[0], ["_fbp set for 90 days"]);
        assert_eq!(told[1], Vec::<String>::new());
        assert_eq!(told[2], ["_fbp changed until the browser closes"]);
        assert_eq!(told[3], Vec::<String>::new());
        assert_eq!(told[4], ["_fbp gone"]);
    }
}
