//! A shopper in Germany: umlaut or ß in first name, last name and city, postal code
//! with a leading zero.

use super::make::{Kind, Place};

pub(super) const KIND: Kind = Kind {
    name: "de_shopper",
    summary: "Germany; umlaut or ß in first name, last name and city, postal code with a leading zero",
    phones: DRAMA_RANGES.len() as u64 * 1_000,
    country: "DE",
    country_name: "Germany",
    mail_domain: "example.net",
    mail_capital: false,
    first_names: |number| FIRST[number as usize],
    first_name_count: FIRST.len() as u64,
    last_name: |number| {
        let many = LAST.len() as u64;
        // Married names: two different ones, the second a step further on.
        let (left, step) = (number / (many - 1), number % (many - 1) + 1);
        format!("{}-{}", LAST[left as usize], LAST[((left + step) % many) as usize])
    },
    last_name_count: (LAST.len() * (LAST.len() - 1)) as u64,
    places: PLACES,
    street: |number| {
        let street = STREETS[(number % STREETS.len() as u64) as usize];
        let letter = ["", "a", "b", ""][(number / 16 % 4) as usize];
        format!("{street} {}{letter}", number / 64 % 180 + 1)
    },
    phone: |number| {
        let (area, start) = DRAMA_RANGES[(number / 1_000) as usize];
        let line = format!("{start}{:03}", number % 1_000);
        (format!("+49{}{line}", &area[1..]), format!("{area} {line}"))
    },
    // 79.192.0.0/10 and 2003::/19 belong to the incumbent provider (RIPE).
    ip: |number| {
        let (net, rest) = (number / 62_500, number % 62_500);
        format!("79.{}.{}.{}", 200 + net, rest / 250 + 1, rest % 250 + 2)
    },
    ipv6: |number| format!("2003:e5:{:x}:{:x}::3c", number / 4_000 + 0x2700, number % 4_000 + 1),
    salt: 0x4445,
};

/// Numbers that the Bundesnetzagentur keeps free for media productions (notice
/// 148/2021): area code and how the local number begins; three digits follow.
const DRAMA_RANGES: &[(&str, &str)] =
    &[("030", "23125"), ("040", "66969"), ("069", "90009"), ("0221", "4710"), ("089", "99998")];

const PLACES: &[Place] = &[
    Place { city: "Görlitz", state: "SN", state_name: "Sachsen", zip: "02826" },
    Place { city: "Döbeln", state: "SN", state_name: "Sachsen", zip: "04720" },
    Place { city: "Löbau", state: "SN", state_name: "Sachsen", zip: "02708" },
    Place { city: "Weißwasser", state: "SN", state_name: "Sachsen", zip: "02943" },
    Place { city: "Großenhain", state: "SN", state_name: "Sachsen", zip: "01558" },
    Place { city: "Rötha", state: "SN", state_name: "Sachsen", zip: "04571" },
    Place { city: "Köthen", state: "ST", state_name: "Sachsen-Anhalt", zip: "06366" },
    Place { city: "Weißenfels", state: "ST", state_name: "Sachsen-Anhalt", zip: "06667" },
    Place { city: "Gößnitz", state: "TH", state_name: "Thüringen", zip: "04639" },
    Place { city: "Schkölen", state: "TH", state_name: "Thüringen", zip: "07619" },
];

const STREETS: &[&str] = &[
    "Königstraße",
    "Mühlweg",
    "Schloßplatz",
    "Am Grünen Tor",
    "Bäckergasse",
    "Lange Straße",
    "Schützenstraße",
    "Hörselallee",
];

const FIRST: &[(&str, &str)] = &[
    ("Bärbel", "f"),
    ("Jürgen", "m"),
    ("Käthe", "f"),
    ("Günther", "m"),
    ("Sönke", "m"),
    ("Änne", "f"),
    ("Jörg", "m"),
    ("Dörte", "f"),
    ("Björn", "m"),
    ("Sölvi", "f"),
    ("Rüdiger", "m"),
    ("Hülya", "f"),
    ("Götz", "m"),
    ("Jördis", "f"),
    ("Lütfi", "m"),
    ("Gülsen", "f"),
];

const LAST: &[&str] = &[
    "Müller",
    "Schäfer",
    "Köhler",
    "Groß",
    "Böhm",
    "Krüger",
    "König",
    "Weiß",
    "Günther",
    "Jäger",
    "Schröder",
    "Förster",
    "Voß",
    "Möller",
    "Bäcker",
    "Hübner",
    "Krämer",
    "Größl",
    "Küster",
    "Höfer",
    "Löwe",
    "Preuß",
    "Röhrig",
    "Strauß",
    "Büttner",
    "Dörr",
    "Fuß",
    "Zöllner",
];
