//! Rails for lines that are shaped alike: what stood between the values of earlier lines is
//! compared as it stands, and not parsed again.
//!
//! A state is the value that was read last, and the objects that were opened on the way to
//! it; from each lead the few texts that came next in lines which a parser had read. So
//! every way along the rails is JSON, and whatever is unlike all of them ends the ride: the
//! parser has the word, and lays rails for it.
//! Never what a value means: whoever rides reads the values.

use std::collections::HashMap;

use super::lane::{ALL, LANE, Lane};
use super::scan::{Scan, fields};

/// Most states, ways from one of them, and lanes of bytes between two values. Lines beyond
/// that are parsed.
const MOST_STATES: usize = 512;
const MOST_WAYS: usize = 12;
const LANES: usize = 3;
/// Lines that may lay rails, and rides after which it is asked whether they are worth it.
const MOST_LESSONS: u32 = 2_000;
const TRIAL: u32 = 4_000;

/// Stands between names; no name of JSON holds it unescaped, and escaped ones are parsed.
const BETWEEN: char = '\u{1}';

/// What to do at the name of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn<P> {
    /// Its value is read by whoever rides.
    Read(P),
    /// It is an object whose fields are read; what the rider is told when it begins.
    Enter(P),
    /// It is a list of one such object.
    EnterOne(P),
    /// No rails for lines that have it.
    Stop,
}

#[derive(Debug, Clone)]
struct Way<P> {
    /// What comes next, filled up with zeros, and the bytes of it that count.
    text: [[u8; LANE]; LANES],
    counts: [u32; LANES],
    length: usize,
    /// Objects that begin in the text, with the place of their brace; and the value behind it,
    /// `None` at the end of a line.
    begun: Vec<(P, usize)>,
    place: Option<P>,
    to: usize,
}

/// The shapes of lines.
#[derive(Debug)]
pub struct Rails<P> {
    states: Vec<Vec<Way<P>>>,
    names: HashMap<String, usize>,
    lessons: u32,
    rides: u32,
    arrivals: u32,
}

impl<P> Default for Rails<P> {
    fn default() -> Rails<P> {
        Rails { states: vec![Vec::new()], names: HashMap::new(), lessons: 0, rides: 0, arrivals: 0 }
    }
}

/// A value of a line from which rails are laid.
struct Stop<P> {
    /// Names the state: the objects opened so far, and the way to the value.
    name: String,
    begun: Vec<(P, usize)>,
    place: P,
    from: usize,
    to: usize,
}

impl<P: Copy> Rails<P> {
    /// Rides along a line. `read` reads the value of a place at the cursor, or notes an object
    /// that begins there; it says `None` where the ride ends. `None` where the line is to be parsed.
    #[inline]
    pub fn ride<'a>(
        &mut self,
        text: &'a str,
        mut read: impl FnMut(P, &mut Scan<'a>) -> Option<()>,
    ) -> Option<()> {
        // Logs without any shape are not worth the attempt.
        if self.rides >= TRIAL && self.arrivals < self.rides / 4 {
            return None;
        }
        self.rides += 1;
        let mut scan = Scan::over(text);
        let mut ways = self.states.first()?;
        loop {
            let rest = scan.rest();
            let first = Lane::at(rest, 0);
            // The end of a line is often the beginning of other ways.
            let way = ways.iter().find(|way| {
                way.is_at(first, rest) && (way.place.is_some() || way.length == rest.len())
            })?;
            for (begun, brace) in &way.begun {
                read(*begun, &mut scan.ahead(*brace))?;
            }
            scan.pass(way.length);
            let Some(place) = way.place else { break };
            read(place, &mut scan)?;
            ways = self.states.get(way.to)?;
        }
        self.arrivals += 1;
        Some(())
    }

    /// Lays rails for a line that a parser has read. `turn` says what a name is, by the
    /// names of the objects around it.
    pub fn learn(&mut self, text: &str, turn: impl Fn(&[&str], &str) -> Turn<P>) {
        if self.lessons >= MOST_LESSONS {
            return;
        }
        self.lessons += 1;
        let mut stops = Vec::new();
        let Some(mut scan) = fields(text) else { return };
        let mut walk = Walk { stops: &mut stops, opened: String::new(), begun: Vec::new() };
        if walk.object(&mut scan, &mut Vec::new(), &turn).is_none() || !scan.is_done() {
            return;
        }
        let (mut state, mut end) = (0, 0);
        for stop in stops {
            // Nor is a name kept that no way could lead over: names come from strangers.
            if stop.from - end > LANES * LANE {
                return;
            }
            let to = match self.names.get(&stop.name) {
                Some(known) => *known,
                None if self.states.len() < MOST_STATES => {
                    self.states.push(Vec::new());
                    self.names.insert(stop.name, self.states.len() - 1);
                    self.states.len() - 1
                }
                None => return,
            };
            let begun = stop.begun.into_iter().map(|(place, at)| (place, at - end)).collect();
            let way = (begun, Some(stop.place), to);
            if self.lay(state, &text[end..stop.from], way).is_none() {
                return;
            }
            (state, end) = (to, stop.to);
        }
        self.lay(state, &text[end..], (Vec::new(), None, 0));
    }

    fn lay(
        &mut self,
        state: usize,
        between: &str,
        (begun, place, to): (Vec<(P, usize)>, Option<P>, usize),
    ) -> Option<()> {
        let ways = &mut self.states[state];
        let mut text = [[0; LANE]; LANES];
        let length = between.len();
        text.as_flattened_mut().get_mut(..length)?.copy_from_slice(between.as_bytes());
        if ways.iter().any(|way| (way.text, way.length) == (text, length)) {
            return Some(());
        }
        if ways.len() >= MOST_WAYS {
            return None;
        }
        let counts = std::array::from_fn(|lane| match length.saturating_sub(lane * LANE) {
            more if more >= LANE => ALL,
            rest => (1 << rest) - 1,
        });
        ways.push(Way { text, counts, length, begun, place, to });
        Some(())
    }
}

impl<P> Way<P> {
    /// True where its text comes next; `first` is the first lane of it.
    #[inline]
    fn is_at(&self, first: Option<Lane>, rest: &[u8]) -> bool {
        let Some(first) = first else { return rest.starts_with(self.bytes()) };
        self.is_like(first, 0)
            && (self.length <= LANE
                || (1..LANES).all(|lane| match Lane::at(rest, lane * LANE) {
                    Some(here) => self.is_like(here, lane),
                    None => rest.starts_with(self.bytes()),
                }))
    }

    #[inline]
    fn is_like(&self, here: Lane, lane: usize) -> bool {
        here.same(Lane::of(&self.text[lane])) & self.counts[lane] == self.counts[lane]
    }

    fn bytes(&self) -> &[u8] {
        &self.text.as_flattened()[..self.length]
    }
}

/// Walks over a line and notes its values.
struct Walk<'w, P> {
    stops: &'w mut Vec<Stop<P>>,
    /// Names of the objects that were opened so far: none is opened twice along the rails.
    opened: String,
    /// Objects opened since the last value, and where.
    begun: Vec<(P, usize)>,
}

impl<P: Copy> Walk<'_, P> {
    fn object<'a>(
        &mut self,
        scan: &mut Scan<'a>,
        path: &mut Vec<&'a str>,
        turn: &impl Fn(&[&str], &str) -> Turn<P>,
    ) -> Option<()> {
        while let Some(name) = scan.name() {
            let from = scan.at();
            match turn(path, name) {
                Turn::Stop => return None,
                Turn::Enter(begun) => {
                    let inner = scan.enter(true)?;
                    let inner = self.inner(inner, begun, name, path, turn)?;
                    scan.leave(&inner)?;
                }
                Turn::EnterOne(begun) => {
                    let mut list = scan.enter(false)?;
                    list.more()?.then_some(())?;
                    let inner = self.inner(list.enter(true)?, begun, name, path, turn)?;
                    list.leave(&inner)?;
                    (!list.more()?).then_some(())?;
                    scan.leave(&list)?;
                }
                Turn::Read(place) => {
                    scan.value()?;
                    self.stops.push(Stop {
                        name: format!(
                            "{}{BETWEEN}{}{BETWEEN}{name}",
                            self.opened,
                            path.join("\u{1}")
                        ),
                        begun: std::mem::take(&mut self.begun),
                        place,
                        from,
                        to: scan.at(),
                    });
                }
            }
        }
        scan.is_done().then_some(())
    }

    fn inner<'a>(
        &mut self,
        mut inner: Scan<'a>,
        begun: P,
        name: &'a str,
        path: &mut Vec<&'a str>,
        turn: &impl Fn(&[&str], &str) -> Turn<P>,
    ) -> Option<Scan<'a>> {
        self.opened.push(BETWEEN);
        self.opened.push_str(name);
        self.begun.push((begun, inner.at() - 1));
        path.push(name);
        self.object(&mut inner, path, turn)?;
        path.pop();
        // An object without values leaves nothing that the rails could end at.
        self.begun.is_empty().then_some(inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan::Raw;
    use super::*;

    fn turn(path: &[&str], name: &str) -> Turn<&'static str> {
        match (path, name) {
            ([], "in") | (["in"], "deep") => Turn::Enter("begin"),
            ([], "one") => Turn::EnterOne("begin"),
            (_, "a") => Turn::Read("a"),
            (_, "b") => Turn::Read("b"),
            _ => Turn::Stop,
        }
    }

    fn ride(rails: &mut Rails<&'static str>, text: &str) -> Option<Vec<String>> {
        let mut found = Vec::new();
        rails.ride(text, |place, scan| {
            if place == "begin" {
                found.push(format!("begin at {}", scan.at()));
            } else {
                found.push(format!("{place}={:?}", scan.value()?));
            }
            Some(())
        })?;
        Some(found)
    }

    #[test]
    fn lines_of_a_known_shape_are_read_whatever_their_values() {
        let mut rails = Rails::default();
        assert_eq!(ride(&mut rails, r#"{"a":1}"#), None);
        rails.learn(r#"{"a":1,"in":{"b":"x","deep":{"a":2}}}"#, turn);
        rails.learn(r#"{"a":1,"in":{"deep":{"a":2}}}"#, turn);
        let found = ride(&mut rails, r#"{"a":[7,8],"in":{"b":null,"deep":{"a":"y"}}}"#);
        let text = |text| format!("{:?}", Raw::Text(text, false));
        assert_eq!(
            found.expect("known"),
            [
                "a=Array(\"[7,8]\")".to_owned(),
                "begin at 16".to_owned(),
                "b=Null".to_owned(),
                "begin at 33".to_owned(),
                format!("a={}", text("y")),
            ]
        );
        assert!(ride(&mut rails, r#"{"a":{},"in":{"deep":{"a":2}}}"#).is_some());
    }

    #[test]
    fn a_list_of_one_object_is_entered_and_no_other_list() {
        let mut rails = Rails::default();
        rails.learn(r#"{"one":[{"a":1},{"a":2}]}"#, turn);
        assert_eq!(ride(&mut rails, r#"{"one":[{"a":1},{"a":2}]}"#), None);
        rails.learn(r#"{"one":[{"a":1}],"b":2}"#, turn);
        let found = ride(&mut rails, r#"{"one":[{"a":7}],"b":2}"#).expect("known");
        assert_eq!(found, ["begin at 8", "a=Number(\"7\")", "b=Number(\"2\")"]);
        for line in [r#"{"one":[{"a":1},{"a":2}],"b":2}"#, r#"{"one":[],"b":2}"#] {
            assert_eq!(ride(&mut rails, line), None, "{line}");
        }
    }

    #[test]
    fn whatever_arrives_is_json_and_no_object_comes_twice() {
        let mut rails = Rails::default();
        for line in [
            r#"{"a":1,"in":{"b":2},"b":3}"#,
            r#"{"b":1,"in":{"b":2},"a":3}"#,
            r#"{"a":1}"#,
            r#"{"a":1,"b":2}"#,
        ] {
            rails.learn(line, turn);
            assert!(ride(&mut rails, line).is_some(), "{line}");
        }
        for line in [
            r#"{"a":1"#,
            r#"{"a":1}}"#,
            r#"{"a":1,"in":{"b":2}"#,
            r#"{"a":1,"in":{"b":2,"b":3}"#,
            r#"{"a":1,"in":{"b":2},"b":3,"in":{"b":2},"a":3}"#,
            r#"{"a":01}"#,
            r#"{"a":"x}"#,
            r#"{"a":}"#,
        ] {
            assert_eq!(ride(&mut rails, line), None, "{line}");
        }
    }

    #[test]
    fn what_is_long_lays_no_rails() {
        let mut rails = Rails::default();
        let long = "x".repeat(10_000);
        for number in 0..MOST_LESSONS {
            let any = |_: &[&str], _: &str| Turn::Read("a");
            rails.learn(&format!(r#"{{"{number}{long}":1,"b":2}}"#), any);
        }
        assert_eq!((rails.states.len(), rails.names.len()), (1, 0));
    }

    #[test]
    fn logs_without_shape_are_given_up() {
        let mut rails = Rails::default();
        rails.learn(r#"{"a":1}"#, turn);
        for _ in 0..TRIAL {
            assert_eq!(ride(&mut rails, r#"{"c":1}"#), None);
        }
        assert_eq!(ride(&mut rails, r#"{"a":1}"#), None);
        for number in 0..MOST_LESSONS * 2 {
            rails.learn(&format!(r#"{{ {}"a":1}}"#, " ".repeat(number as usize % 60)), turn);
        }
        assert_eq!(rails.lessons, MOST_LESSONS);
        assert!(rails.states[0].len() <= MOST_WAYS);
    }
}
