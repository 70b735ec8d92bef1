//! #### What it does
//! Every request of the browser is put to a filter engine (the `adblock` crate of Brave) inside
//! the browser tap, with the type that `Sec-Fetch-Dest` names and the page that `Referer` names.
//! A blocked request finds its stream closed, as with an extension, and stands on the tape as an
//! attempt, with the rule of the list that blocked it. Lists: those given by `--filter-list`, else
//! those that `countonce setup --filter-lists` keeps, else those of an installed uBlock Origin
//! package, else a minimal set of Meta's hosts; the report names which.
//!
//! #### What it cannot do
//! Element hiding, scriptlets and redirects to neutered scripts are not done: they change pages,
//! not what is sent. Works alike in every engine. A request without `Sec-Fetch-Dest` (old WebKit)
//! is taken for `other`, which rules that name a type do not match.

use super::Profile;
use crate::visitor::{Blocks, Circumstances};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "adblock",
    summary: "A visitor with an ad blocker.",
    circumstances: Circumstances { blocks: Blocks::Lists, ..Circumstances::none() },
    source: include_str!("adblock.rs"),
};
