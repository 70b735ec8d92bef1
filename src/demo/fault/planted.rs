//! The faults that are switched on in a shop, and the questions that its parts ask them.
//!
//! Never how a fault is found.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{Bite, Fault, Site};
use crate::demo::tracking::{Moment, PixelCall};

/// The faults that are switched on in a shop.
#[derive(Debug, Clone, Default)]
pub(in crate::demo) struct Planted(Vec<&'static Fault>);

impl Planted {
    pub(in crate::demo) fn new(faults: &[&'static Fault]) -> Planted {
        Planted(faults.to_vec())
    }

    fn on<'a>(&'a self, event: &'a str) -> impl Iterator<Item = &'static Bite> + 'a {
        self.0
            .iter()
            .filter(move |fault| fault.event == "*" || fault.event == event)
            .map(|fault| &fault.bite)
    }

    /// True when the site works in that way.
    pub(in crate::demo) fn site(&self, site: Site) -> bool {
        self.on("*").any(|bite| matches!(bite, Bite::Site(planted) if *planted == site))
    }

    /// What both channels are told.
    pub(in crate::demo) fn moments(&self, moment: Moment) -> Vec<Moment> {
        let name = moment.name.clone();
        let mut moments = vec![moment];
        for bite in self.on(&name) {
            match bite {
                Bite::Both(change) | Bite::Apart(change, _) => {
                    moments.iter_mut().for_each(change);
                }
                Bite::Copies(copies) => moments = moments.into_iter().flat_map(copies).collect(),
                _ => {}
            }
        }
        moments
    }

    /// What the page fires.
    pub(in crate::demo) fn browser(&self, moment: &Moment, name: &str) -> Vec<PixelCall> {
        let mut calls = vec![moment.pixel_call()];
        for bite in self.on(name) {
            match bite {
                Bite::Browser(change) | Bite::ApartCalls(change, _) => {
                    calls.iter_mut().for_each(change);
                }
                Bite::BrowserCopies(copies) | Bite::Halves(copies, _) => {
                    calls = calls.into_iter().flat_map(copies).collect();
                }
                _ => {}
            }
        }
        calls
    }

    /// What the server sends.
    pub(in crate::demo) fn server(&self, moment: &Moment, name: &str) -> Vec<Value> {
        let mut events = vec![moment.server_event()];
        for bite in self.on(name) {
            match bite {
                Bite::Server(change) | Bite::Apart(_, change) | Bite::ApartCalls(_, change) => {
                    for event in &mut events {
                        change(event, moment);
                    }
                }
                Bite::ServerCopies(copies) => {
                    events = events.into_iter().flat_map(copies).collect();
                }
                Bite::Halves(_, copies) => {
                    events = events.into_iter().flat_map(|event| copies(event, moment)).collect();
                }
                _ => {}
            }
        }
        events
    }

    /// What the page hands to the pixel about the visitor.
    pub(in crate::demo) fn matching(&self, keys: &mut Map<String, Value>) {
        for bite in self.on("*") {
            if let Bite::Matching(change) = bite {
                change(keys);
            }
        }
    }

    /// The text of a request with these events.
    pub(in crate::demo) fn request(&self, body: &mut String, events: &[Value]) {
        for fault in &self.0 {
            if let Bite::Request(change) = fault.bite
                && events.iter().any(|event| fault.bites(event))
            {
                change(body);
            }
        }
    }

    /// What is sent once more after a good answer, if anything.
    pub(in crate::demo) fn sent_again(&self, events: &[Value]) -> Option<Vec<Value>> {
        let (fault, change) = self.0.iter().find_map(|fault| match fault.bite {
            Bite::SentAgain(change) => Some((fault, change)),
            _ => None,
        })?;
        let mut again: Vec<Value> =
            events.iter().filter(|event| fault.bites(event)).cloned().collect();
        again.iter_mut().for_each(change);
        (!again.is_empty()).then_some(again)
    }

    /// How long a request with these events waits before it is sent.
    pub(in crate::demo) fn wait(&self, events: &[Value]) -> Option<Duration> {
        self.0.iter().find_map(|fault| match fault.bite {
            Bite::Late(wait) if events.iter().any(|event| fault.bites(event)) => Some(wait),
            _ => None,
        })
    }

    /// Name under which the page hands the event ID over instead of the right one.
    pub(in crate::demo) fn id_option(&self) -> Option<&'static str> {
        self.sites().find_map(|site| match site {
            Site::IdOption(name) => Some(name),
            _ => None,
        })
    }

    /// What a call that failed for the moment is sent again with, where not to the letter.
    pub(in crate::demo) fn tried_again(&self, events: &[Value]) -> Option<Vec<Value>> {
        self.site(Site::RetriesAnew).then(|| {
            let mut again = events.to_vec();
            for event in &mut again {
                event["event_id"] = Value::from(uuid::Uuid::new_v4().to_string());
            }
            again
        })
    }

    /// Version of the API that the server speaks instead of the configured one.
    pub(in crate::demo) fn api_version(&self) -> Option<&'static str> {
        self.sites().find_map(|site| match site {
            Site::OldVersion(version) => Some(version),
            _ => None,
        })
    }

    /// Dataset that the server reports to instead of the configured one.
    pub(in crate::demo) fn dataset(&self) -> Option<&'static str> {
        self.sites().find_map(|site| match site {
            Site::OtherDataset(dataset) => Some(dataset),
            _ => None,
        })
    }

    /// Actions that product pages report although they never happened.
    pub(in crate::demo) fn reported_on_view(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.sites().filter_map(|site| match site {
            Site::ReportsOnView(event) => Some(event),
            _ => None,
        })
    }

    fn sites(&self) -> impl Iterator<Item = Site> + '_ {
        self.0.iter().filter_map(|fault| match fault.bite {
            Bite::Site(site) => Some(site),
            _ => None,
        })
    }
}
