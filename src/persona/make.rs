//! Makes a person out of a kind's tables and a seed.
//!
//! Small ranges (names, days, phone numbers) are walked in a fixed scrambled order,
//! so that neighbouring seeds never meet; free texts carry the whole seed.

use super::Persona;

/// Seeds less than this far apart never share a field that is called unique.
pub const UNIQUE_WITHIN: u64 = 10_000;

/// The card that the big payment providers accept in their test modes (Visa).
const TEST_CARD: &str = "4242424242424242";
/// Any date to come is accepted with it.
const TEST_CARD_EXPIRY: &str = "12/39";
/// Any three digits are accepted with it.
const TEST_CARD_CVC: &str = "123";

/// Years of birth, first and how many: of age for years to come, none above seventy-odd.
const BIRTH_YEARS: (u64, u64) = (1955, 51);
/// Days that every month has.
const DAYS: u64 = 28;

/// One kind of test person: the tables its people are drawn from.
pub struct Kind {
    /// Its name in scenarios.
    pub name: &'static str,
    /// One line for documentation: who it is and what is awkward about it.
    pub summary: &'static str,
    /// How many phone numbers it can give before one comes again.
    pub phones: u64,
    pub(super) country: &'static str,
    pub(super) country_name: &'static str,
    /// Reserved for examples (RFC 2606).
    pub(super) mail_domain: &'static str,
    /// True where the address begins with a capital, as phone keyboards write it.
    pub(super) mail_capital: bool,
    /// First names with the gender they go with.
    pub(super) first_names: fn(u64) -> (&'static str, &'static str),
    /// How many first names there are.
    pub(super) first_name_count: u64,
    /// The last name of that number, below the count.
    pub(super) last_name: fn(u64) -> String,
    pub(super) last_name_count: u64,
    pub(super) places: &'static [Place],
    pub(super) street: fn(u64) -> String,
    /// E.164 and national form of the number below [`Kind::phones`].
    pub(super) phone: fn(u64) -> (String, String),
    /// Addresses of a large access provider of the country, by number below [`ADDRESSES`].
    pub(super) ip: fn(u64) -> String,
    pub(super) ipv6: fn(u64) -> String,
    /// Keeps the kinds' random texts apart.
    pub(super) salt: u64,
}

/// How many IP addresses a kind can give.
pub(super) const ADDRESSES: u64 = 16 * 250 * 250;

/// Where people live.
pub(super) struct Place {
    pub(super) city: &'static str,
    pub(super) state: &'static str,
    pub(super) state_name: &'static str,
    pub(super) zip: &'static str,
}

impl Kind {
    /// The person that belongs to a seed.
    pub fn person(&self, seed: u64) -> Persona {
        let names = turn(seed, self.first_name_count * self.last_name_count, 1);
        let (first_name, gender) = (self.first_names)(names % self.first_name_count);
        let last_name = (self.last_name)(names / self.first_name_count);
        let day = turn(seed, BIRTH_YEARS.1 * 12 * DAYS, 2);
        let birth_date = format!(
            "{:04}-{:02}-{:02}",
            BIRTH_YEARS.0 + day / (12 * DAYS),
            day / DAYS % 12 + 1,
            day % DAYS + 1
        );
        let (phone, phone_national) = (self.phone)(turn(seed, self.phones, 3));
        let place = &self.places[(scramble(seed ^ 4) % self.places.len() as u64) as usize];
        let address = turn(seed, ADDRESSES, 5);
        let code = base36(scramble(seed.wrapping_add(self.salt)));
        let email = {
            let local = format!("{}.{}", plain(first_name), plain(&last_name));
            let local = if self.mail_capital { local } else { local.to_lowercase() };
            format!("{local}.{code}@{}", self.mail_domain)
        };
        let value = |name: &str| -> String {
            match name {
                "email" => email.clone(),
                "phone" => phone.clone(),
                "phone_national" => phone_national.clone(),
                "first_name" => first_name.to_owned(),
                "last_name" => last_name.clone(),
                "gender" => gender.to_owned(),
                "birth_date" => birth_date.clone(),
                "street" => (self.street)(scramble(seed ^ 6)),
                "city" => place.city.to_owned(),
                "state" => place.state.to_owned(),
                "state_name" => place.state_name.to_owned(),
                "zip" => place.zip.to_owned(),
                "country" => self.country.to_owned(),
                "country_name" => self.country_name.to_owned(),
                "external_id" => format!("{}-{code}", self.country.to_lowercase()),
                "click_id" => click_id(seed, self.salt),
                "ip" => (self.ip)(address),
                "ipv6" => (self.ipv6)(address),
                "password" => format!("Kx7!{code}"),
                "card" => TEST_CARD.to_owned(),
                "card_expiry" => TEST_CARD_EXPIRY.to_owned(),
                "card_cvc" => TEST_CARD_CVC.to_owned(),
                other => unreachable!("`{other}` is listed in FIELDS and made nowhere"),
            }
        };
        Persona {
            kind: self.name.to_owned(),
            fields: super::FIELDS
                .iter()
                .map(|(name, _)| ((*name).to_owned(), value(name)))
                .collect(),
        }
    }
}

/// A click id: a fixed head and the base64url text of bytes whose first eight tell
/// any two seeds apart. Real ones are longer than most database columns expect.
fn click_id(seed: u64, salt: u64) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut state = scramble(seed.wrapping_add(salt));
    let mut text = String::from("IwAR");
    for _ in 0..5 {
        let mut rest = state;
        for _ in 0..11 {
            text.push(char::from(ALPHABET[(rest & 63) as usize]));
            rest >>= 6;
        }
        state = scramble(state ^ salt);
    }
    text
}

/// Walks the range `0..size` in a scrambled order: neighbours land far apart, and
/// `size` neighbours land on every number once.
pub(super) fn turn(seed: u64, size: u64, salt: u64) -> u64 {
    let mut stride = (size as f64 * 0.618_034) as u64 | 1;
    while greatest_common_divisor(stride, size) != 1 {
        stride += 2;
    }
    let at = u128::from(seed % size) * u128::from(stride) + u128::from(salt * 7_919);
    (at % u128::from(size)) as u64
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Mixes the bits of a number; no two numbers give the same (the finaliser of `SplitMix64`).
pub(super) fn scramble(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn base36(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(DIGITS[(number % 36) as usize]));
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

/// A name as people write it into an e-mail address: ASCII letters and hyphens only.
fn plain(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        match c {
            'ä' => text.push_str("ae"),
            'ö' => text.push_str("oe"),
            'ü' => text.push_str("ue"),
            'Ä' => text.push_str("Ae"),
            'Ö' => text.push_str("Oe"),
            'Ü' => text.push_str("Ue"),
            'ß' => text.push_str("ss"),
            'á' | 'à' | 'â' => text.push('a'),
            'é' | 'è' | 'ê' | 'ë' => text.push('e'),
            'É' => text.push('E'),
            'í' | 'ï' => text.push('i'),
            'ó' | 'ô' => text.push('o'),
            'ú' => text.push('u'),
            'ç' => text.push('c'),
            'Ó' => text.push('O'),
            'Ú' => text.push('U'),
            'Á' => text.push('A'),
            c if c.is_ascii_alphabetic() || c == '-' => text.push(c),
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_walked_without_meeting_itself() {
        for size in [2, 36, 250, 5_000, 10_080, 17_136] {
            let mut seen: Vec<u64> = (0..size).map(|seed| turn(seed, size, 3)).collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..size).collect::<Vec<_>>());
        }
    }

    #[test]
    fn names_become_ascii_for_addresses() {
        assert_eq!(plain("Jürgen-Großmann"), "Juergen-Grossmann");
        assert_eq!(plain("O'Brien"), "OBrien");
        assert_eq!(plain("Éilís"), "Eilis");
    }

    #[test]
    fn numbers_become_short_texts() {
        assert_eq!(base36(0), "0");
        assert_eq!(base36(36 * 36 - 1), "zz");
    }
}
