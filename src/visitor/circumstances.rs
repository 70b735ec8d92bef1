//! The circumstances of a visit as plain data, and what follows from them for the two
//! channels.
//!
//! They go onto the tape with each session, so that a tape with a profile of the user's
//! own is judged the same anywhere.
//! Never how they are brought about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::PROFILES;

/// Which requests a visitor's browser does not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Blocks {
    /// It lets all of them through.
    #[default]
    Nothing,
    /// What the filter lists name.
    Lists,
    /// Every request to a platform's hosts.
    Hosts,
}

/// What the visitor says to the banner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Whatever the steps of the scenario do.
    #[default]
    AsWritten,
    /// Refuses on the first page.
    Refuses,
    /// Goes on to a second page before agreeing.
    AgreesLate,
}

/// The circumstances of a visit; the default is a visitor with nothing in the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct Circumstances {
    /// Which requests do not get through.
    pub blocks: Blocks,
    /// Click ids are taken out of addresses.
    pub strips_click_ids: bool,
    /// Cookies that scripts set live 7 days at most, 24 hours after a decorated link.
    pub caps_script_cookies: bool,
    /// What the visitor says to the banner.
    pub consent: Decision,
    /// The browser sends the Global Privacy Control signal.
    pub signals_privacy: bool,
    /// The browser runs no scripts.
    pub without_scripts: bool,
    /// Time that every request takes longer, milliseconds.
    pub latency_ms: u32,
    /// The platform's script never comes.
    pub pixel_down: bool,
    /// The visitor was there before, this many hours ago; 0 for a first visit.
    pub returns_after_hours: u32,
    /// The browser is a telephone's.
    pub mobile: bool,
    /// The visitor is a search engine's crawler.
    pub crawler: bool,
    /// What may be sent before the visitor has answered the banner: nothing unless said.
    pub allowed_before_answer: bool,
}

impl Circumstances {
    /// The circumstances of a profile of that name; an unknown one has nothing in the way.
    pub fn of_profile(name: &str) -> Circumstances {
        let known = PROFILES.iter().find(|profile| profile.name == name);
        known.map(|profile| profile.circumstances.clone()).unwrap_or_default()
    }

    /// True when hits of the platform's script cannot be expected in the browser.
    pub fn keeps_the_pixel_out(&self) -> bool {
        self.blocks != Blocks::Nothing || self.pixel_down || self.without_scripts
    }

    /// True when nothing may be sent for this visitor, by either channel.
    pub fn refuses(&self) -> bool {
        self.consent == Decision::Refuses
    }

    /// True when the browser as it is started by default will do.
    pub fn is_clean(&self) -> bool {
        *self == Circumstances::default()
    }

    /// The circumstances with those of another added.
    #[must_use]
    pub fn and(self, other: &Circumstances) -> Circumstances {
        Circumstances {
            blocks: if other.blocks == Blocks::Nothing { self.blocks } else { other.blocks },
            strips_click_ids: self.strips_click_ids || other.strips_click_ids,
            caps_script_cookies: self.caps_script_cookies || other.caps_script_cookies,
            consent: match other.consent {
                Decision::AsWritten => self.consent,
                said => said,
            },
            signals_privacy: self.signals_privacy || other.signals_privacy,
            without_scripts: self.without_scripts || other.without_scripts,
            latency_ms: self.latency_ms.max(other.latency_ms),
            pixel_down: self.pixel_down || other.pixel_down,
            returns_after_hours: self.returns_after_hours.max(other.returns_after_hours),
            mobile: self.mobile || other.mobile,
            crawler: self.crawler || other.crawler,
            allowed_before_answer: self.allowed_before_answer || other.allowed_before_answer,
        }
    }

    /// The default, where a constant is wanted.
    pub(super) const fn none() -> Circumstances {
        Circumstances {
            blocks: Blocks::Nothing,
            strips_click_ids: false,
            caps_script_cookies: false,
            consent: Decision::AsWritten,
            signals_privacy: false,
            without_scripts: false,
            latency_ms: 0,
            pixel_down: false,
            returns_after_hours: 0,
            mobile: false,
            crawler: false,
            allowed_before_answer: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constant_is_the_default() {
        assert_eq!(Circumstances::none(), Circumstances::default());
    }

    #[test]
    fn circumstances_add_up() {
        let adblock = Circumstances::of_profile("adblock");
        let both = adblock.clone().and(&Circumstances::of_profile("gpc"));
        assert!(both.keeps_the_pixel_out() && both.signals_privacy);
        assert_eq!(adblock.clone().and(&Circumstances::default()), adblock);
        assert!(Circumstances::of_profile("no such profile").is_clean());
    }

    #[test]
    fn old_tapes_without_a_word_are_read() {
        let read: Circumstances =
            serde_json::from_str(r#"{"blocks":"lists","unheard-of":1}"#).expect("reads");
        assert_eq!(read, Circumstances { blocks: Blocks::Lists, ..Circumstances::default() });
    }
}
