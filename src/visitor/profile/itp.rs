//! #### What it does
//! Click ids (`fbclid` and others) are taken out of addresses before the site sees them, as Safari
//! does in private windows, Mail and Messages. The visitor was there 8 days ago: cookies that a
//! script had set are gone by then (7 days at most; 24 hours after a decorated link), those that
//! the site set by `Set-Cookie` are kept. The clock of the page is moved between the two visits.
//!
//! #### What it cannot do
//! No engine applies the cap by itself in a test (WebKitGTK accepts the switch and keeps the cookies),
//! so it is emulated: the tap notes which cookies came by `Set-Cookie`; the others are deleted.
//! Cookies in frames of other sites and the storage of scripts are left alone. Without WebDriver BiDi
//! (WebKit) the clock of the page stays where it is.

use super::Profile;
use crate::visitor::Circumstances;

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "itp",
    summary: "A visitor with WebKit's tracking prevention: Safari, or any browser on an iPhone.",
    circumstances: Circumstances {
        strips_click_ids: true,
        caps_script_cookies: true,
        returns_after_hours: 8 * 24,
        ..Circumstances::none()
    },
    source: include_str!("itp.rs"),
};
