//! What a browser id or click id shows by itself: its parts, its time, whose hand made it,
//! and how a click id relates to the click of the visit.
//!
//! Never the id itself, never good or bad.

use super::SessionFacts;
use crate::event::{Event, MatchKey};
use crate::platform::meta::appendix::appendix;
use crate::platform::meta::browser_ids::{read_fbc, read_fbp, unit};
use crate::platform::meta::click::{alteration, in_address, is_same};
use crate::platform::meta::without_appendix;

/// An id, read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdReading {
    /// Number of its parts.
    pub parts: usize,
    /// Creation time, Unix milliseconds, where it is written in milliseconds.
    pub created: Option<i64>,
    /// Unit of the creation time, in words.
    pub unit: &'static str,
    /// Subdomain index.
    pub subdomain_index: Option<u8>,
    /// True where one of the platform's libraries left its mark behind it.
    pub library: bool,
    /// What that mark says: which library, and what it did; empty where it says nothing.
    pub mark: String,
    /// What is wrong with its form.
    pub fault: Option<&'static str>,
    /// For a click id: how it relates to the click of the visit; empty where none is known.
    pub landing: &'static str,
}

/// The clicks that brought a visitor: those of landing pages and the test person's own.
#[derive(Debug, Clone, Default)]
pub struct Clicked {
    clicks: Vec<String>,
}

impl Clicked {
    /// Gathers them from the events and the test person of a visit.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>, facts: &SessionFacts) -> Clicked {
        let mut clicks: Vec<String> =
            events.into_iter().filter_map(|event| in_address(event.page.as_deref()?)).collect();
        let person = facts.persona.get("click_id").filter(|click| !click.is_empty());
        if !clicks.is_empty() {
            clicks.extend(person.cloned());
        }
        clicks.sort();
        clicks.dedup();
        Clicked { clicks }
    }

    fn relation(&self, click: &str) -> &'static str {
        if self.clicks.is_empty() {
            return "no landing with a click";
        }
        if self.clicks.iter().any(|real| is_same(click, real)) {
            return "the landing's";
        }
        self.clicks.iter().find_map(|real| alteration(click, real)).unwrap_or("another click's")
    }
}

/// An id without what a library of the platform puts behind it: two ids with the same are one.
pub fn bare_id(key: MatchKey, value: &str) -> &str {
    without_appendix(key, value)
}

/// Reads an id of either kind.
pub fn read_id(key: MatchKey, value: &str, clicked: &Clicked) -> IdReading {
    let library = without_appendix(key, value) != value;
    let mark = appendix(key, value).map(|mark| mark.to_string()).unwrap_or_default();
    let read = if key == MatchKey::ClickId { read_fbc(value) } else { read_fbp(value) };
    let id = match read {
        Ok(id) => id,
        Err(fault) => {
            let parts = value.split('.').count();
            return IdReading { parts, library, mark, fault: Some(fault), ..IdReading::default() };
        }
    };
    IdReading {
        parts: 4 + usize::from(library),
        created: id.created_millis(),
        unit: unit(id.created).name(),
        subdomain_index: Some(id.subdomain_index),
        library,
        mark,
        fault: None,
        landing: if key == MatchKey::ClickId { clicked.relation(id.payload) } else { "" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_time_and_click_are_read_off() {
        let clicked = Clicked { clicks: vec!["IwAR0aBcDeF".into()] };
        let read = |value: &str| read_id(MatchKey::ClickId, value, &clicked);
        let own = read("fb.1.1772452790000.IwAR0aBcDeF.AQQCAQIB");
        assert_eq!((own.parts, own.library, own.landing), (5, true, "the landing's"));
        assert_eq!(own.mark, "Meta's Node library 1.2.1: made new");
        assert_eq!(own.created, Some(1_772_452_790_000));
        assert_eq!(read("fb.1.1772452790000.iwar0abcdef").landing, "case");
        assert_eq!(read("fb.1.1772452790000.IwAR9other").landing, "another click's");
        let seconds = read("fb.2.1772452790.IwAR0aBcDeF");
        assert_eq!(
            (seconds.unit, seconds.created, seconds.subdomain_index),
            ("seconds", None, Some(2))
        );
        let broken = read("fb.1.1772452790000");
        assert_eq!((broken.parts, broken.fault), (3, Some("not four parts")));
        let none = read_id(MatchKey::ClickId, "fb.1.1772452790000.IwAR1", &Clicked::default());
        assert_eq!(none.landing, "no landing with a click");
    }
}
