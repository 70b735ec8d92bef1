//! The planted faults: ways in which real sites get their tracking wrong, each
//! switched on by name.
//!
//! A fault bites at exactly one place, so that one root cause shows. To add one:
//! a constant in the family it belongs to, one line in [`FAULTS`].
//! Never how a fault is found; the rules do that.

mod device;
mod identity;
mod ids;
mod ledger;
mod parameters;
mod payload;
mod planted;
mod plumbing;
mod privacy;
mod traits;
mod transport;
mod visitors;

use std::time::Duration;

use serde_json::{Map, Value};

use super::tracking::{Moment, PixelCall};
pub(super) use planted::Planted;

/// One planted fault.
#[derive(Debug)]
pub struct Fault {
    /// Name on the command line.
    pub name: &'static str,
    /// Rule that names it.
    pub rule: &'static str,
    /// Rules that follow from it and may speak as well.
    pub also: &'static [&'static str],
    /// What is wrong with the site, in one sentence.
    pub summary: &'static str,
    /// Exit code of a run against a shop with this fault.
    pub exit: u8,
    /// Event on which it bites; `*` for every one.
    pub(super) event: &'static str,
    /// Where it bites.
    bite: Bite,
}

/// What follows where the two halves of a conversion find each other no more.
const UNPAIRED: &[&str] =
    &["missing-server-event", "missing-browser-event", "double-counted", "low-dedup-rate"];
/// What follows where one side digests what is not the visitor's own.
const ANOTHERS: &[&str] = &["identity-mismatch", "digest-not-of-persona"];
/// What follows where the platform refuses the server's half.
const REFUSED: &[&str] = &["rejected-request", "missing-server-event", "low-server-coverage"];

/// The places where a fault can bite.
#[derive(Debug)]
enum Bite {
    /// The action itself, before it is told to either channel.
    Both(fn(&mut Moment)),
    /// How many actions both channels are told of.
    Copies(fn(Moment) -> Vec<Moment>),
    /// The pixel call, and the server event in a way of its own.
    ApartCalls(fn(&mut PixelCall), fn(&mut Value, &Moment)),
    /// The action itself, and the server event in a way of its own.
    Apart(fn(&mut Moment), fn(&mut Value, &Moment)),
    /// The pixel call.
    Browser(fn(&mut PixelCall)),
    /// How many pixel calls there are.
    BrowserCopies(fn(PixelCall) -> Vec<PixelCall>),
    /// The server event.
    Server(fn(&mut Value, &Moment)),
    /// How many server events there are.
    ServerCopies(fn(Value) -> Vec<Value>),
    /// How many pixel calls and how many server events there are.
    Halves(fn(PixelCall) -> Vec<PixelCall>, fn(Value, &Moment) -> Vec<Value>),
    /// How long a request with the event waits before it is sent.
    Late(Duration),
    /// What the page hands to `fbq('init', …)`.
    Matching(fn(&mut Map<String, Value>)),
    /// The text of the request.
    Request(fn(&mut String)),
    /// What a client that mistakes the good answer for a failure sends once more.
    SentAgain(fn(&mut Value)),
    /// A way in which the site itself works differently.
    Site(Site),
}

/// Ways in which the site itself works differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    /// Neither pixel nor Conversions API.
    Untracked,
    /// The thank-you page fires whenever it is shown.
    ThankYouFiresAgain,
    /// The browser's events ignore a refusal.
    PixelIgnoresRefusal,
    /// The server's events ignore a refusal.
    ServerIgnoresRefusal,
    /// The address of the payment page carries the e-mail address.
    EmailInUrl,
    /// The image for browsers without scripts is there for all.
    ImageForAll,
    /// The page calls the Conversions API itself, with the server's token.
    TokenInPage,
    /// The server reports to another dataset.
    OtherDataset(&'static str),
    /// The server speaks an old version of the API.
    OldVersion(&'static str),
    /// The access token stands in the address of each call.
    TokenInQuery,
    /// A plug-in brings a second copy of the pixel.
    SecondPixel,
    /// Product pages change their address without loading.
    RouteChange,
    /// The pixel gets the event ID under another name.
    IdOption(&'static str),
    /// Nobody is told what the visitor typed.
    KnowsNobody,
    /// The thank-you page tells anew whenever it is shown.
    TellsAnew,
    /// The cart button works on while its request is under way.
    EveryClickCounts,
    /// The server tells of page views that crawlers ask for.
    ReportsCrawlers,
    /// The purchase is told when the thank-you page is shown.
    TellsOnThankYou,
    /// A failed call is sent again with event IDs of its own.
    RetriesAnew,
    /// The server tells of purchases only where the pixel's script has run.
    ServerWaitsForPixel,
    /// The privacy signal of browsers is not read.
    IgnoresSignal,
    /// The privacy signal of browsers is read by the page alone.
    ServerIgnoresSignal,
    /// Whoever has not answered the banner counts as having agreed.
    UndecidedIsYes,
    /// The browser id's cookie is set by a script, on a visitor's first page.
    BrowserIdByScript,
    /// Session and browser id end with the browser.
    ForgetsVisits,
    /// Telephones get a template that gives the purchase no event ID.
    PhonesWithoutIds,
    /// The page sends by itself what the pixel's script has not sent soon.
    Impatient,
    /// The image for browsers without scripts has no event ID.
    ImageWithoutId,
    /// The first purchase after the start is lost on the server.
    LosesFirstPurchase,
    /// An action that never happened is reported on product pages.
    ReportsOnView(&'static str),
}

/// Every fault, in the order of the rule catalogue.
pub const FAULTS: &[&Fault] = &[
    &ledger::TWO_INTEGRATIONS,
    &ledger::PURCHASE_LOST,
    &ledger::LEAD_ON_VIEW,
    &ledger::SERVER_FORGETS,
    &ledger::FIRST_LOST,
    &ledger::BROWSER_BLOCKED,
    &ledger::BROWSER_FIRES_TWICE,
    &ledger::CLICK_BOUND_TWICE,
    &ledger::REFIRED_ON_RELOAD,
    &ledger::WEBHOOK_AND_HANDLER,
    &ledger::UNTRACKED,
    &parameters::BOTH_LOST,
    &plumbing::PURCHASE_ON_REVIEW,
    &plumbing::GATEWAY,
    &ids::MISSING_IN_BROWSER,
    &ids::MISSING_ON_SERVER,
    &ids::EMPTY,
    &ids::AS_PARAMETER,
    &ids::REGENERATED,
    &ids::UPPER_CASED,
    &ids::PREFIXED,
    &ids::WHITE_SPACE,
    &ids::TRUNCATED,
    &ids::LEADING_ZEROS,
    &ids::REUSED,
    &ids::GUESSABLE,
    &ids::NAME_CASE,
    &ids::OTHER_DATASET,
    &plumbing::ID_OPTION,
    &plumbing::ID_OBJECT,
    &plumbing::NO_IDS,
    &plumbing::ID_KEPT,
    &plumbing::RENAMED,
    &plumbing::PAGE_VIEW_IDS,
    &plumbing::SAMPLED,
    &payload::VALUE_WITHOUT_TAX,
    &payload::VALUE_IN_CENTS,
    &payload::OTHER_CURRENCY,
    &payload::OTHER_CONTENTS,
    &payload::OTHER_PAGE,
    &payload::MISSPELT_EVENT,
    &payload::NO_EVENT_NAME,
    &payload::NO_VALUE_IN_BROWSER,
    &payload::NO_VALUE_ON_SERVER,
    &payload::NO_CURRENCY_IN_BROWSER,
    &payload::NO_CURRENCY_ON_SERVER,
    &payload::CURRENCY_SYMBOL,
    &payload::VALUE_AS_TEXT,
    &payload::CONTENTS_AS_SCRIPT,
    &payload::NO_CONTENT_IDS,
    &payload::NO_CONTENT_TYPE,
    &payload::CONTENT_TYPE_CASE,
    &payload::NULL_TEXT,
    &payload::TIME_IN_MILLISECONDS,
    &payload::TIME_IN_FUTURE,
    &payload::TIME_STALE,
    &payload::TIME_AS_TEXT,
    &payload::NO_ACTION_SOURCE,
    &payload::WRONG_ACTION_SOURCE,
    &payload::NO_SOURCE_URL,
    &payload::RELATIVE_URL,
    &payload::STAGING_URL,
    &parameters::FLOAT_NOISE,
    &parameters::ZERO_VALUE,
    &parameters::DELIVERY_WORDS,
    &parameters::NO_CONTENTS,
    &parameters::QUANTITY_AS_TEXT,
    &parameters::IDS_AS_TEXT,
    &parameters::STATE_WITHOUT_COUNTRY,
    &parameters::UNEXPECTED_KEY,
    &parameters::TIME_OF_ZONE,
    &identity::PLAIN_EMAIL,
    &device::HASHED_BROWSER_ID,
    &identity::UPPER_CASE_DIGEST,
    &identity::MD5_DIGEST,
    &identity::DIGEST_OF_NOTHING,
    &identity::DOUBLE_HASH,
    &identity::NOT_LOWER_CASED,
    &identity::SWAPPED_NAMES,
    &identity::NATIONAL_PHONE,
    &identity::OTHER_PERSON,
    &identity::PLACEHOLDER,
    &device::FBC_IN_SECONDS,
    &device::FBC_REMADE,
    &device::FBC_LOWER_CASED,
    &device::FBC_FORGOTTEN,
    &device::FBC_WITHOUT_CLICK,
    &device::FBP_PER_REQUEST,
    &device::FBP_CUT,
    &device::FBP_SHARED,
    &device::FBP_DATED,
    &device::PRIVATE_ADDRESS,
    &device::ADDRESS_LIST,
    &device::NO_USER_AGENT,
    &device::OWN_USER_AGENT,
    &identity::WRONG_KEY,
    &identity::TOO_FEW_KEYS,
    &identity::GUEST_FORGOTTEN,
    &identity::NO_ADVANCED_MATCHING,
    &traits::LANGUAGE_AS_COUNTRY,
    &traits::GENDER_UNKNOWN,
    &traits::DEFAULT_BIRTH_DATE,
    &traits::AMERICAN_BIRTH_DATE,
    &traits::GENDER_WORD,
    &traits::UNDEFINED_EMAIL,
    &traits::OTHER_EXTERNAL_ID,
    &traits::OTHER_USER_AGENT,
    &traits::ADDRESS_OF_NETWORK,
    &traits::FBC_CUT,
    &traits::FBC_QUOTED,
    &traits::FBC_OF_EARLIER_CLICK,
    &traits::FBC_OTHER_CLOCK,
    &traits::FBC_LATE,
    &traits::CLICK_ID_BY_NAME,
    &traits::KNOWS_NOBODY,
    &privacy::EMAIL_IN_URL,
    &privacy::EMAIL_IN_PARAMETERS,
    &privacy::PIXEL_IGNORES_REFUSAL,
    &privacy::SERVER_IGNORES_REFUSAL,
    &privacy::TOKEN_IN_PAGE,
    &privacy::TEST_CODE,
    &transport::BROKEN_JSON,
    &transport::RETRY_WITH_NEW_ID,
    &transport::RETRY_WITH_NEW_TIME,
    &transport::IMAGE_FOR_ALL,
    &transport::OLD_VERSION,
    &plumbing::BATCH_LOST,
    &plumbing::AS_APP,
    &plumbing::OVERSIZED,
    &plumbing::SLOW_QUEUE,
    &plumbing::TOKEN_IN_QUERY,
    &plumbing::SECOND_PIXEL,
    &plumbing::ROUTE_CHANGE,
    &visitors::ON_RELOAD,
    &visitors::ON_REVISIT,
    &visitors::ON_RETURN,
    &visitors::IN_SECOND_TAB,
    &visitors::EVERY_CLICK,
    &visitors::CACHED,
    &visitors::CRAWLERS,
    &visitors::THANK_YOU,
    &visitors::RETRIES,
    &visitors::NO_ID,
    &visitors::PAGE_WITHOUT_ID,
    &visitors::BLOCKED,
    &visitors::IN_FIREFOX,
    &visitors::SCRIPT_DOWN,
    &visitors::BANNER,
    &visitors::SIGNAL,
    &visitors::SIGNAL_ON_PAGES,
    &visitors::UNDECIDED,
    &visitors::BY_SCRIPT,
    &visitors::FORGETS,
    &visitors::PHONES,
    &visitors::IMPATIENT,
    &visitors::IMAGE,
];

/// Where a fault shows that the flow as written does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Showing {
    /// Scenario of the shipped suite.
    pub scenario: &'static str,
    /// Profile of the visitor.
    pub profile: &'static str,
    /// Variant of the flow; empty for the flow as written.
    pub variant: &'static str,
}

/// Where a fault shows; `None` where the flow as written shows it.
pub fn circumstances(fault: &Fault) -> Option<Showing> {
    let found = visitors::CIRCUMSTANCES.iter().find(|(name, _)| *name == fault.name);
    found.map(|(_, showing)| *showing)
}

/// The fault of that name.
pub fn find(name: &str) -> Option<&'static Fault> {
    FAULTS.iter().copied().find(|fault| fault.name == name)
}

impl Fault {
    fn bites(&self, event: &Value) -> bool {
        self.event == "*" || event["event_name"] == self.event
    }
}
