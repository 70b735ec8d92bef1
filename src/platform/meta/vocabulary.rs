//! The names and values that Meta knows: standard events, parameters, currencies, API
//! versions.
//!
//! Data with its sources, and the plain questions asked of it.
//! Never whether a name that is not here is a fault: that is for the rules.

use crate::event::MatchKey;

/// A standard event and the parameters that its reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandardEvent {
    /// Its exact name.
    pub name: &'static str,
    /// True where `contents` or `content_ids` are required for catalogue ads.
    pub catalogue: bool,
}

const fn plain(name: &'static str) -> StandardEvent {
    StandardEvent { name, catalogue: false }
}

const fn catalogue(name: &'static str) -> StandardEvent {
    StandardEvent { name, catalogue: true }
}

/// Standard events of web sites. Meta, standard events reference; the list in the client
/// code is the same but for the script's own events (meta-facts 6).
pub const STANDARD_EVENTS: &[StandardEvent] = &[
    plain("AddPaymentInfo"),
    catalogue("AddToCart"),
    plain("AddToWishlist"),
    plain("CompleteRegistration"),
    plain("Contact"),
    plain("CustomizeProduct"),
    plain("Donate"),
    plain("FindLocation"),
    plain("InitiateCheckout"),
    plain("Lead"),
    plain("PageView"),
    catalogue("Purchase"),
    plain("Schedule"),
    plain("Search"),
    plain("StartTrial"),
    plain("SubmitApplication"),
    plain("Subscribe"),
    catalogue("ViewContent"),
];

/// Further names that Meta gives events itself: business messaging, and what the script
/// sends on its own (meta-facts 1.13, 2.3, 6).
const OTHER_KNOWN_EVENTS: &[&str] = &[
    "LeadSubmitted",
    "CustomEvent",
    "PixelInitialized",
    "SubscribedButtonClick",
    "Microdata",
    "UserProperties",
    "InputData",
];

/// True for an event name that Meta knows, exactly as written.
pub fn is_known_event(name: &str) -> bool {
    standard_event(name).is_some() || OTHER_KNOWN_EVENTS.contains(&name)
}

/// The standard event of that exact name.
pub fn standard_event(name: &str) -> Option<&'static StandardEvent> {
    STANDARD_EVENTS.iter().find(|event| event.name == name)
}

/// Parameters of commerce, in `cd[…]` and `custom_data`. Meta, standard parameters; the
/// custom-data class of the SDKs (meta-facts 6).
pub const PARAMETERS: &[&str] = &[
    "value",
    "currency",
    "content_ids",
    "content_type",
    "contents",
    "content_name",
    "content_category",
    "num_items",
    "order_id",
    "predicted_ltv",
    "net_revenue",
    "search_string",
    "status",
    "delivery_category",
    "item_number",
    "customer_segmentation",
    "custom_properties",
];

/// Parameters of vehicles, travel, hotels and homes. Meta, standard parameters.
const TRADE_PARAMETERS: &[&str] = &[
    "availability",
    "body_style",
    "checkin_date",
    "checkout_date",
    "city",
    "condition_of_vehicle",
    "country",
    "departing_arrival_date",
    "departing_departure_date",
    "destination_airport",
    "destination_ids",
    "dma_code",
    "drivetrain",
    "event_source",
    "exterior_color",
    "fuel_type",
    "hotel_score",
    "interior_color",
    "lead_event_source",
    "lease_end_date",
    "lease_start_date",
    "listing_type",
    "make",
    "model",
    "neighborhood",
    "num_adults",
    "num_children",
    "num_infants",
    "origin_airport",
    "postal_code",
    "preferred_baths_range",
    "preferred_beds_range",
    "preferred_neighborhoods",
    "preferred_num_stops",
    "preferred_price_range",
    "preferred_star_ratings",
    "price",
    "product_catalog_id",
    "property_type",
    "region",
    "returning_arrival_date",
    "returning_departure_date",
    "state_of_vehicle",
    "suggested_destinations",
    "suggested_home_listings",
    "suggested_hotels",
    "suggested_vehicles",
    "transmission",
    "travel_class",
    "travel_end",
    "travel_start",
    "trim",
    "user_bucket",
    "vin",
    "year",
];

/// True for a parameter that Meta knows, exactly as written.
pub fn is_known_parameter(name: &str) -> bool {
    PARAMETERS.contains(&name) || TRADE_PARAMETERS.contains(&name)
}

/// Fields of an event in a call. Meta, server event parameters; the classes of the SDKs
/// (meta-facts 2.2).
pub const EVENT_FIELDS: &[&str] = &[
    "event_name",
    "event_time",
    "event_id",
    "event_source_url",
    "action_source",
    "user_data",
    "custom_data",
    "app_data",
    "opt_out",
    "data_processing_options",
    "data_processing_options_country",
    "data_processing_options_state",
    "referrer_url",
    "advertiser_tracking_enabled",
    "messaging_channel",
    "original_event_data",
    "attribution_data",
    "customer_segmentation",
];

/// Values of `action_source`. Meta, server event parameters; the same nine in the SDKs.
pub const ACTION_SOURCES: &[&str] = &[
    "email",
    "website",
    "app",
    "phone_call",
    "chat",
    "physical_store",
    "system_generated",
    "business_messaging",
    "other",
];

/// Match keys of which any part alone is too broad to be accepted. Meta, best practices:
/// match baseline since v13.0.
const TOO_BROAD: [&[MatchKey]; 4] = [
    &[
        MatchKey::City,
        MatchKey::Country,
        MatchKey::State,
        MatchKey::Zip,
        MatchKey::Gender,
        MatchKey::ClientUserAgent,
    ],
    &[MatchKey::BirthDate, MatchKey::ClientUserAgent],
    &[MatchKey::FirstName, MatchKey::Gender],
    &[MatchKey::LastName, MatchKey::Gender],
];

/// True where the platform refuses an event that carries these match keys and no other.
pub fn is_too_broad(carried: &[MatchKey]) -> bool {
    TOO_BROAD.iter().any(|set| carried.iter().all(|key| set.contains(key)))
}

/// Values of `content_type`: the two of the standard parameters, and those of travel,
/// vehicle and home catalogues (Meta, flight ads, hotel ads and inventory ads events).
pub const CONTENT_TYPES: &[&str] = &[
    "product",
    "product_group",
    "hotel",
    "flight",
    "destination",
    "vehicle",
    "vehicle_offer",
    "home_listing",
    "local_service_business",
    "media_title",
];

/// Values of `delivery_category`. Meta, standard parameters.
pub const DELIVERY_CATEGORIES: &[&str] = &["in_store", "curbside", "home_delivery"];

/// Most events in one request. Meta, using the API: up to 1,000.
pub const MOST_EVENTS: usize = 1000;

/// Subdivisions that `data_processing_options_state` knows. Meta, data processing options
/// (Marketing API page, the fullest of several): 1000 California to 1013 Rhode Island.
pub const PRIVACY_STATES: std::ops::RangeInclusive<i64> = 1000..=1013;

/// Currencies of ISO 4217 in use, and VEF, which the pixel's own list has (meta-facts 1.8).
const CURRENCIES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND \
    BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK \
    DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR \
    ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD \
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB \
    PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP \
    STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VEF \
    VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL";

/// True for a currency code, in either case: the pixel does not mind (meta-facts 1.8), and
/// the Python SDK sends lower case.
pub fn is_currency(code: &str) -> bool {
    code.len() == 3
        && code.bytes().all(|byte| byte.is_ascii_alphabetic())
        && CURRENCIES.split(' ').any(|known| known.eq_ignore_ascii_case(code))
}

/// When Graph API versions ceased to be, as major version and date. Meta, Graph API
/// changelog, versions, as of September 2026; later versions have a date beyond these.
const EXPIRED: &[(u32, &str)] = &[
    (13, "2024-05-28"),
    (14, "2024-09-17"),
    (15, "2024-11-20"),
    (16, "2025-05-14"),
    (17, "2025-09-12"),
    (18, "2026-01-26"),
    (19, "2026-05-21"),
    (20, "2026-09-24"),
    (21, "2027-01-21"),
    (22, "2027-05-20"),
    (23, "2027-10-08"),
    (24, "2028-02-18"),
    (25, "2028-07-29"),
];

/// The day on which a Graph API version (`v19.0`) ceases to be, as `YYYY-MM-DD`; `None` for
/// versions without a date. Versions older than the list have the date of its first.
pub fn version_expires(version: &str) -> Option<&'static str> {
    let number = version.strip_prefix('v').unwrap_or(version);
    let major: u32 = number.split('.').next()?.parse().ok()?;
    let (oldest, first) = EXPIRED.first()?;
    if major < *oldest {
        return Some(first);
    }
    EXPIRED.iter().find(|(known, _)| *known == major).map(|(_, day)| *day)
}

/// Error codes of a state that passes: temporary trouble (1, 2, 341, 368, 5000) and
/// throttling (4, 17, 80003, 80004). Meta, error codes.
const TEMPORARY: &[u32] = &[1, 2, 4, 17, 341, 368, 5000, 80003, 80004];

/// True for an error code that a later try may not meet. An answer without an error object
/// is known by its HTTP status instead: 429 and everything from 500 to 599.
pub fn is_temporary(code: u32) -> bool {
    TEMPORARY.contains(&code) || code == 429 || (500..600).contains(&code)
}

/// The standard event that a name was probably meant to be: the same but for case and
/// separators, or one slip away. `None` for a name that Meta knows, or like none.
pub fn meant_event(name: &str) -> Option<&'static str> {
    if is_known_event(name) {
        return None;
    }
    let wanted = meant(name, STANDARD_EVENTS.iter().map(|event| event.name))?;
    // Another ending makes another word: `Purchased` may well be an event of its own.
    let (name, known) = (fold(name), fold(wanted));
    (!name.starts_with(&known) || name == known).then_some(wanted)
}

/// The parameter that a name was probably meant to be; see [`meant_event`].
pub fn meant_parameter(name: &str) -> Option<&'static str> {
    if is_known_parameter(name) {
        return None;
    }
    meant(name, PARAMETERS.iter().copied())
}

/// The field of an event in a call that a name was probably meant to be.
pub fn meant_field(name: &str) -> Option<&'static str> {
    meant(name, EVENT_FIELDS.iter().copied())
}

/// Equal but for case and separators before one slip away.
fn meant(name: &str, known: impl Iterator<Item = &'static str> + Clone) -> Option<&'static str> {
    let folded = fold(name);
    let alike = known.clone().find(|candidate| fold(candidate) == folded);
    let mut known = known;
    alike.or_else(|| known.find(|candidate| is_slip(&folded, &fold(candidate))))
}

/// Shortest name in which one letter wrong is taken for a slip, in characters.
const SHORTEST_SLIP: usize = 5;

/// One letter wrong, missing, doubled or swapped.
fn is_slip(left: &str, right: &str) -> bool {
    left.chars().count().min(right.chars().count()) >= SHORTEST_SLIP
        && strsim::damerau_levenshtein(left, right) == 1
}

/// Letters and digits in lower case.
fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_for_the_known_one_only_where_it_is_very_like() {
        for (name, wanted) in [
            ("purchase", Some("Purchase")),
            ("Add To Cart", Some("AddToCart")),
            ("add_to_cart", Some("AddToCart")),
            ("Purchse", Some("Purchase")),
            ("InitiateChekout", Some("InitiateCheckout")),
            ("Purchase", None),
            ("LeadSubmitted", None),
            ("Purchased", None),
            ("Leads", None),
            ("Lend", None),
            ("order_complete", None),
            ("", None),
        ] {
            assert_eq!(meant_event(name), wanted, "{name}");
        }
        for (name, wanted) in [
            ("content_id", Some("content_ids")),
            ("contentIds", Some("content_ids")),
            ("Value", Some("value")),
            ("price", None),
            ("colour", None),
        ] {
            assert_eq!(meant_parameter(name), wanted, "{name}");
        }
        assert_eq!(meant_field("eventName"), Some("event_name"));
    }

    #[test]
    fn currencies_are_known_in_either_case() {
        assert!(is_currency("USD") && is_currency("usd") && is_currency("KES"));
        assert!(!is_currency("US$") && !is_currency("AAA") && !is_currency("EURO"));
    }

    #[test]
    fn versions_end_when_the_changelog_says() {
        assert_eq!(version_expires("v19.0"), Some("2026-05-21"));
        assert_eq!(version_expires("v3.2"), Some("2024-05-28"));
        assert_eq!(version_expires("v26.0"), None);
        assert_eq!(version_expires("new"), None);
    }
}
