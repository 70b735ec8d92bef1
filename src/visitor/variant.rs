//! The variants: the same flow with a twist.
//!
//! A twist is derived from the flow as written: what was learnt while that was played says
//! which step sets off which conversion. To add one: a file in the folder, a line in
//! [`VARIANTS`]. The header of the file is its manual page.
//! Never how a twist is carried out in a browser.

mod back;
mod closed_tab;
mod crawler;
mod double_click;
mod reload;
mod revisit;
mod second_tab;
mod second_visitor;
mod server_first;
mod server_late;

use super::manual_of;

/// A variant.
#[derive(Debug)]
pub struct Variant {
    /// Its name, equal to the file name with hyphens.
    pub name: &'static str,
    /// What happens, in a sentence.
    pub summary: &'static str,
    /// The twist.
    pub twist: Twist,
    /// Rules that judge it, its own first.
    pub rules: &'static [&'static str],
    /// Its own source file, whose header is its manual page.
    pub source: &'static str,
}

/// What is done differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twist {
    /// The page is loaded again.
    Reload,
    /// One step back in the history, and forward again.
    BackAndForward,
    /// The browser is closed; a day later the page is opened again.
    NextDay,
    /// The element is clicked twice in quick succession.
    DoubleClick,
    /// The page is opened in a second tab as well.
    SecondTab,
    /// Somebody else does the same after the first visitor.
    SecondVisitor,
    /// A crawler without scripts fetches the pages of the flow.
    Crawl,
    /// The tab is closed as soon as the site has been asked.
    CloseTab,
    /// The platform's API fails for the first call of each event.
    ServerFails,
    /// Hits are held back until the server has told.
    ServerFirst,
}

/// Where in the flow a twist goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// On the page that follows each conversion.
    PageAfter,
    /// On the last page of the flow.
    LastPage,
    /// On the step that sets a conversion off.
    Step,
    /// On the step that sets the last conversion off.
    LastStep,
    /// On the session as a whole.
    Session,
    /// In place of the flow.
    Instead,
}

impl Twist {
    /// Where it goes.
    pub fn aim(self) -> Aim {
        match self {
            Twist::Reload | Twist::BackAndForward | Twist::SecondTab => Aim::PageAfter,
            Twist::NextDay => Aim::LastPage,
            Twist::DoubleClick => Aim::Step,
            Twist::CloseTab => Aim::LastStep,
            Twist::SecondVisitor | Twist::ServerFails | Twist::ServerFirst => Aim::Session,
            Twist::Crawl => Aim::Instead,
        }
    }

    /// True when pages may be left before they have told of themselves, or be seen once
    /// more: how many views there are is then not the scenario's to say.
    pub fn changes_views(self) -> bool {
        !matches!(self, Twist::SecondVisitor | Twist::ServerFails | Twist::ServerFirst)
    }

    /// True when a page may be gone before its hits are sent.
    pub fn cuts_pages_short(self) -> bool {
        matches!(self, Twist::DoubleClick | Twist::CloseTab)
    }
}

/// Every variant.
pub const VARIANTS: &[&Variant] = &[
    &reload::VARIANT,
    &back::VARIANT,
    &revisit::VARIANT,
    &double_click::VARIANT,
    &second_tab::VARIANT,
    &second_visitor::VARIANT,
    &crawler::VARIANT,
    &closed_tab::VARIANT,
    &server_late::VARIANT,
    &server_first::VARIANT,
];

impl Variant {
    /// The variant of that name.
    pub fn of(name: &str) -> Option<&'static Variant> {
        VARIANTS.iter().copied().find(|variant| variant.name == name)
    }

    /// The manual page: the header of the file as Markdown.
    pub fn manual(&self) -> String {
        manual_of(self.source)
    }
}
