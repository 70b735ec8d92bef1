//! The match keys: what lets the platform recognise the person behind an event.
//!
//! Names follow the field's usage in both channels. How a value is normalised is
//! a platform's business and stands in its room.

use std::fmt;

/// Whether a key travels as a digest or as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrecy {
    /// Personal data: only a digest may travel.
    Hashed,
    /// An identifier without which no match is possible once hashed.
    Plain,
    /// Hashing is recommended; plain text is accepted.
    Either,
}

macro_rules! match_keys {
    ($($variant:ident $name:literal $secrecy:ident $doc:literal,)*) => {
        /// One kind of user data by which an event is matched to a person.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MatchKey { $(#[doc = $doc] $variant,)* }

        impl MatchKey {
            /// Every key, in the order of reports.
            pub const ALL: &'static [MatchKey] = &[$(MatchKey::$variant,)*];

            /// The name on the wire and in reports.
            pub fn name(self) -> &'static str {
                match self { $(MatchKey::$variant => $name,)* }
            }

            /// Whether it travels as a digest.
            pub fn secrecy(self) -> Secrecy {
                match self { $(MatchKey::$variant => Secrecy::$secrecy,)* }
            }
        }
    };
}

match_keys! {
    Email "em" Hashed "E-mail address.",
    Phone "ph" Hashed "Phone number with country code.",
    FirstName "fn" Hashed "First name.",
    LastName "ln" Hashed "Last name.",
    Gender "ge" Hashed "Gender, f or m.",
    BirthDate "db" Hashed "Date of birth.",
    City "ct" Hashed "City.",
    State "st" Hashed "State or region.",
    Zip "zp" Hashed "Postal code.",
    Country "country" Hashed "Country.",
    ExternalId "external_id" Either "The site's own id of the person.",
    ClientIp "client_ip_address" Plain "The visitor's IP address.",
    ClientUserAgent "client_user_agent" Plain "The visitor's user agent.",
    ClickId "fbc" Plain "Click id, made from the landing page's click parameter.",
    BrowserId "fbp" Plain "Browser id, from the pixel's first-party cookie.",
    SubscriptionId "subscription_id" Plain "Subscription id.",
    LoginId "fb_login_id" Plain "Login id given by the platform.",
    LeadId "lead_id" Plain "Lead id given by the platform.",
    AnonId "anon_id" Plain "Install id of an app.",
    MobileAdId "madid" Plain "Mobile advertiser id.",
    PageId "page_id" Plain "Page id of a messaging conversation.",
    PageScopedUserId "page_scoped_user_id" Plain "User id scoped to a page.",
    ClickToMessageId "ctwa_clid" Plain "Click id of a click-to-message ad.",
}

impl MatchKey {
    /// The key of that name.
    pub fn from_name(name: &str) -> Option<MatchKey> {
        MatchKey::ALL.iter().copied().find(|key| key.name() == name)
    }
}

impl fmt::Display for MatchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_by_its_name() {
        for key in MatchKey::ALL {
            assert_eq!(MatchKey::from_name(key.name()), Some(*key));
        }
        assert_eq!(MatchKey::from_name("email"), None);
    }
}
