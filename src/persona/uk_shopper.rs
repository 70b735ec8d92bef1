//! A shopper in the United Kingdom: accent in the first name, double-barrelled last
//! name, postcode with a space, a town of several words.

use super::make::{Kind, Place};

pub(super) const KIND: Kind = Kind {
    name: "uk_shopper",
    summary: "United Kingdom; accent in the first name, hyphen in the last name, postcode with a space, town of several words",
    phones: DRAMA_RANGES.len() as u64 * 1_000,
    country: "GB",
    country_name: "United Kingdom",
    mail_domain: "example.org",
    mail_capital: false,
    first_names: |number| FIRST[number as usize],
    first_name_count: FIRST.len() as u64,
    last_name: |number| {
        let many = LAST.len() as u64;
        // The second half is never the first: a step of one to `many - 1` further on.
        let (left, step) = (number / (many - 1), number % (many - 1) + 1);
        format!("{}-{}", LAST[left as usize], LAST[((left + step) % many) as usize])
    },
    last_name_count: (LAST.len() * (LAST.len() - 1)) as u64,
    places: PLACES,
    street: |number| {
        let street = STREETS[(number % STREETS.len() as u64) as usize];
        format!("{} {street}", number / 64 % 180 + 1)
    },
    phone: |number| {
        let (area, start) = DRAMA_RANGES[(number / 1_000) as usize];
        let line = format!("{start}{:03}", number % 1_000);
        let (left, right) = line.split_at(line.len() - 4);
        (format!("+44{}{line}", &area[1..]), format!("{area} {left} {right}"))
    },
    // 86.128.0.0/10 and 2a00:23c0::/26 belong to the incumbent provider (RIPE).
    ip: |number| {
        let (net, rest) = (number / 62_500, number % 62_500);
        format!("86.{}.{}.{}", 140 + net, rest / 250 + 1, rest % 250 + 2)
    },
    ipv6: |number| format!("2a00:23c5:{:x}:{:x}::2b", number / 4_000 + 0x8500, number % 4_000 + 1),
    salt: 0x4742,
};

/// Numbers that Ofcom keeps free for drama, where libphonenumber counts them as
/// valid: area code and how the local number begins; three digits follow.
const DRAMA_RANGES: &[(&str, &str)] = &[
    ("020", "79460"),
    ("0113", "4960"),
    ("0114", "4960"),
    ("0116", "4960"),
    ("0117", "4960"),
    ("0118", "4960"),
    ("0121", "4960"),
    ("0131", "4960"),
    ("0141", "4960"),
    ("0151", "4960"),
    ("0161", "4960"),
    ("0191", "4980"),
    ("028", "96496"),
    ("029", "20180"),
];

const PLACES: &[Place] = &[
    Place { city: "Milton Keynes", state: "ENG", state_name: "England", zip: "MK9 3QA" },
    Place { city: "Newcastle upon Tyne", state: "ENG", state_name: "England", zip: "NE1 7RU" },
    Place { city: "Stoke-on-Trent", state: "ENG", state_name: "England", zip: "ST1 1JN" },
    Place { city: "St Albans", state: "ENG", state_name: "England", zip: "AL3 5JE" },
    Place { city: "King's Lynn", state: "ENG", state_name: "England", zip: "PE30 1EU" },
    Place { city: "Bury St Edmunds", state: "ENG", state_name: "England", zip: "IP33 1LT" },
    Place { city: "Stratford-upon-Avon", state: "ENG", state_name: "England", zip: "CV37 6AA" },
    Place { city: "Southend-on-Sea", state: "ENG", state_name: "England", zip: "SS1 1AA" },
    Place { city: "Kingston upon Hull", state: "ENG", state_name: "England", zip: "HU1 2AA" },
    Place { city: "Royal Tunbridge Wells", state: "ENG", state_name: "England", zip: "TN1 1RS" },
];

const STREETS: &[&str] = &[
    "High Street",
    "St. John's Road",
    "Church Lane",
    "Victoria Terrace",
    "Mill Hill",
    "Queen's Gate",
    "The Crescent",
    "Station Approach",
    "Kingsway",
    "Albert Mews",
];

const FIRST: &[(&str, &str)] = &[
    ("Zoë", "f"),
    ("Tomás", "m"),
    ("Chloé", "f"),
    ("André", "m"),
    ("Renée", "f"),
    ("Séamus", "m"),
    ("Anaïs", "f"),
    ("René", "m"),
    ("Róisín", "f"),
    ("Seán", "m"),
    ("Eilís", "f"),
    ("Ciarán", "m"),
    ("Aimée", "f"),
    ("Pádraig", "m"),
    ("Esmé", "f"),
    ("Cathán", "m"),
];

const LAST: &[&str] = &[
    "Smith", "Jones", "Parker", "Bowles", "Hughes", "Fox", "Hart", "Dyke", "Lloyd", "Webber",
    "Taylor", "Carter", "Clarke", "Spencer", "Hunt", "Wright", "Bennett", "Cole", "Marsh", "Reid",
    "Fraser", "Morgan", "Ellis", "Barnes", "Price", "Palmer", "Grant", "Shaw",
];
