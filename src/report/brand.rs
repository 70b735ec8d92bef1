//! How the sender of a report wants it to look: title, client, logo and colours.
//!
//! Never a figure or a word of the verdict.

use std::fmt;

/// A sender's looks; whatever is empty stays as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Brand {
    /// Title in place of the usual one.
    pub title: String,
    /// For whom the report is.
    pub client: String,
    /// A line at the end.
    pub footer: String,
    /// Logo.
    pub logo: Option<Logo>,
    /// Colour of the page's head.
    pub colour: Option<Colour>,
    /// The same on a dark page.
    pub colour_dark: Option<Colour>,
}

/// A logo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A colour; nothing else can get from a brand into a style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub u8, pub u8, pub u8);

impl Colour {
    /// The colour written as `#rgb` or `#rrggbb`.
    pub fn read(text: &str) -> Option<Colour> {
        let digits = text.strip_prefix('#').filter(|digits| digits.is_ascii())?;
        let part = |from: usize, length: usize| {
            let part = digits.get(from..from + length)?;
            let value = u8::from_str_radix(part, 16).ok()?;
            Some(if length == 1 { value * 17 } else { value })
        };
        match digits.len() {
            3 => Some(Colour(part(0, 1)?, part(1, 1)?, part(2, 1)?)),
            6 => Some(Colour(part(0, 2)?, part(2, 2)?, part(4, 2)?)),
            _ => None,
        }
    }

    /// Relative luminance, 0 to 1. W3C, Web Content Accessibility Guidelines 2.
    pub fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.03928 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_colours_are_read() {
        assert_eq!(Colour::read("#0b3d91"), Some(Colour(11, 61, 145)));
        assert_eq!(
            Colour::read("#fff").map(|colour| colour.to_string()),
            Some("#ffffff".to_owned())
        );
        for text in ["red", "#ff", "#12345g", "#fff;}", "", "#", "#éé"] {
            assert_eq!(Colour::read(text), None, "{text}");
        }
    }
}
