//! Writes realistic production logs: two NDJSON files of CAPI-shaped events, browser and
//! server, of a month, with the faults of real sites in fixed shares.
//!
//! Needs nothing but the standard library: `rustc -O generate.rs`. The same seed always
//! gives the same bytes.
//! Usage: generate EVENTS FOLDER [SEED]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Begin of the month: 2026-03-01.
const START: u64 = 1_772_323_200_000;
const MONTH_MS: u64 = 30 * 86_400_000;

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, most: u64) -> u64 {
        self.roll() % most
    }
    /// True in so many of a thousand.
    fn of_thousand(&mut self, count: u64) -> bool {
        self.below(1000) < count
    }
}

/// 64 hex digits that stand for a person's value; only their look matters here.
fn digest(seed: u64, out: &mut String) {
    let mut dice = Dice(seed);
    for _ in 0..4 {
        let word = dice.roll();
        for place in 0..16 {
            out.push(char::from(b"0123456789abcdef"[(word >> (place * 4) & 15) as usize]));
        }
    }
}

fn uuid(seed: u64, out: &mut String) {
    let mut dice = Dice(seed);
    let (a, b) = (dice.roll(), dice.roll());
    out.push_str(&format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 48 & 0xfff,
        b & 0xffff_ffff_ffff
    ));
}

const EVENTS: [(&str, u64); 6] = [
    ("PageView", 55),
    ("ViewContent", 80),
    ("AddToCart", 90),
    ("InitiateCheckout", 95),
    ("Lead", 97),
    ("Purchase", 100),
];
const CITIES: u64 = 4000;
const AGENT: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/14";

struct Visit {
    person: u64,
    name: &'static str,
    id: String,
    at: u64,
    cents: u64,
    product: u64,
    agent: u64,
    clicked: bool,
    known: bool,
}

fn visit(number: u64, from: u64, dice: &mut Dice) -> Visit {
    let kind = dice.below(100);
    let name = EVENTS.iter().find(|(_, upto)| kind < *upto).map_or("PageView", |(name, _)| name);
    let mut id = String::new();
    uuid(number ^ 0x5eed_0000_0000, &mut id);
    Visit {
        person: dice.below(1 << 40),
        name,
        id,
        at: from + dice.below(5_000),
        cents: 500 + dice.below(30_000),
        product: dice.below(20_000),
        agent: dice.below(10),
        clicked: dice.of_thousand(300),
        known: dice.of_thousand(620),
    }
}

fn user_data(visit: &Visit, server: bool, dice: &mut Dice, out: &mut String) {
    let person = visit.person;
    out.push_str("\"user_data\":{");
    let mut first = true;
    let mut key = |name: &str, out: &mut String| {
        if !first {
            out.push(',');
        }
        first = false;
        out.push('"');
        out.push_str(name);
        out.push_str("\":");
    };
    if visit.known {
        for (place, name) in ["em", "ph", "fn", "ln"].into_iter().enumerate() {
            if place == 1 && person.is_multiple_of(3) {
                continue;
            }
            key(name, out);
            let list = server && place < 2;
            out.push_str(if list { "[\"" } else { "\"" });
            if place == 0 && server && dice.of_thousand(4) {
                out.push_str(&format!("person{}@example.com", person % 100_000));
            } else {
                digest(person ^ (place as u64) << 48, out);
            }
            out.push_str(if list { "\"]" } else { "\"" });
        }
        key("ct", out);
        out.push('"');
        digest(person % CITIES, out);
        out.push('"');
        key("external_id", out);
        out.push_str(&format!("\"{person}\""));
    }
    key("fbp", out);
    let broken = server && dice.of_thousand(10);
    if broken {
        out.push_str(&format!("\"fb.1.{}.{}\"", (visit.at - 60_000) / 1000, person));
    } else {
        out.push_str(&format!("\"fb.1.{}.{}\"", START - person % 9_000_000, person));
    }
    if visit.clicked {
        key("fbc", out);
        out.push_str(&format!("\"fb.1.{}.IwAR", visit.at - 30_000));
        digest(person ^ 0x4d, out);
        out.push('"');
    }
    if server {
        key("client_ip_address", out);
        if dice.of_thousand(15) {
            out.push_str("\"10.0.0.7\"");
        } else {
            out.push_str(&format!(
                "\"81.{}.{}.{}\"",
                person >> 3 & 255,
                person >> 11 & 255,
                person >> 19 & 255
            ));
        }
        if !dice.of_thousand(20) {
            key("client_user_agent", out);
            out.push_str(&format!("\"{AGENT}{}.0.0.0 Safari/537.36\"", visit.agent));
        }
    }
    out.push('}');
}

fn event(
    visit: &Visit,
    id: Option<&str>,
    at: u64,
    server: bool,
    dice: &mut Dice,
    out: &mut String,
) {
    out.push_str(&format!(
        "{{\"event_name\":\"{}\",\"event_time\":{}",
        visit.name,
        visit.at / 1000
    ));
    let _ = at;
    if let Some(id) = id {
        out.push_str(&format!(",\"event_id\":\"{id}\""));
    }
    if server {
        out.push_str(",\"action_source\":\"website\"");
    }
    out.push_str(&format!(
        ",\"event_source_url\":\"https://www.shop.test/products/{}?utm_source=mail\",",
        visit.product
    ));
    user_data(visit, server, dice, out);
    if visit.name != "PageView" {
        let mut cents = visit.cents;
        if server && dice.of_thousand(12) {
            cents = cents * 119 / 100;
        }
        out.push_str(&format!(",\"custom_data\":{{\"value\":{}.{:02}", cents / 100, cents % 100));
        if !dice.of_thousand(6) {
            let currency = if server && dice.of_thousand(3) { "EUR" } else { "USD" };
            out.push_str(&format!(",\"currency\":\"{currency}\""));
        }
        out.push_str(&format!(
            ",\"content_type\":\"product\",\"content_ids\":[\"sku-{0}\"],\"contents\":[{{\"id\":\"sku-{0}\",\"quantity\":{1},\"item_price\":{2}.{3:02}}}]}}",
            visit.product,
            1 + visit.product % 3,
            visit.cents / 100,
            visit.cents % 100
        ));
    }
    out.push('}');
}

fn line(visit: &Visit, id: Option<&str>, at: u64, server: bool, dice: &mut Dice, out: &mut String) {
    out.clear();
    out.push_str(&format!("{{\"received_at\":{at},\"pixel_id\":\"1234567890123456\","));
    if server {
        let status = if dice.of_thousand(3) { 500 } else { 200 };
        out.push_str(&format!("\"status\":{status},"));
    }
    out.push_str("\"event\":");
    event(visit, id, at, server, dice, out);
    out.push_str("}\n");
}

/// Writes the two logs; the number of events is met or passed by one.
pub fn write(wanted: u64, folder: &Path, seed: u64) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let open = |name: &str| -> std::io::Result<BufWriter<File>> {
        Ok(BufWriter::with_capacity(1 << 20, File::create(folder.join(name))?))
    };
    let (mut browser, mut server) = (open("browser.ndjson")?, open("server.ndjson")?);
    let mut dice = Dice(seed);
    let mut text = String::new();
    let (mut written, mut number) = (0, 0);
    while written < wanted {
        number += 1;
        let from = START + (written as f64 / wanted as f64 * MONTH_MS as f64) as u64;
        let visit = visit(number, from, &mut dice);
        let at = visit.at + dice.below(900);
        let blocked = dice.of_thousand(120);
        let lost = dice.of_thousand(40);
        let idless = dice.of_thousand(5);
        let id = (!idless).then_some(visit.id.as_str());
        if !blocked {
            let copies = if dice.of_thousand(8) { 2 } else { 1 };
            for copy in 0..copies {
                line(&visit, id, at + copy * 700, false, &mut dice, &mut text);
                browser.write_all(text.as_bytes())?;
                written += 1;
            }
        }
        if !lost {
            // Most at once, some from a queue, a few a day later and beyond the window.
            let lag = match dice.below(1000) {
                0..900 => 100 + dice.below(1500),
                900..990 => 2_000 + dice.below(600_000),
                990..998 => 3_600_000 + dice.below(80_000_000),
                _ => 175_000_000 + dice.below(90_000_000),
            };
            let shouted = dice.of_thousand(6);
            let anew = dice.of_thousand(15);
            let mut other = String::new();
            let id = if shouted {
                other.push_str(&visit.id.to_uppercase());
                Some(other.as_str())
            } else if anew {
                uuid(number ^ 0xa0e0_0000_0000_0000, &mut other);
                Some(other.as_str())
            } else {
                id
            };
            line(&visit, id, at + lag, true, &mut dice, &mut text);
            server.write_all(text.as_bytes())?;
            written += 1;
        }
    }
    browser.flush()?;
    server.flush()
}

/// The command line.
pub fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let number = |place: usize| words.get(place).and_then(|text| text.parse::<u64>().ok());
    let (Some(wanted), Some(folder)) = (number(1), words.get(2)) else {
        return Err(std::io::Error::other("usage: generate EVENTS FOLDER [SEED]"));
    };
    write(wanted, Path::new(folder), number(3).unwrap_or(1))
}
