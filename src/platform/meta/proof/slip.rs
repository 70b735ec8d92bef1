//! The mistakes between a person's plain value and its digest, each with a few stable
//! words and what to change.
//! Never where one was seen.

use crate::event::MatchKey;

/// One mistake on the way from a value to its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slip {
    /// A digest was digested.
    HashedTwice,
    /// And once more.
    HashedThrice,
    /// The digest in upper-case hex was digested.
    UpperHexHashed,
    /// The SHA-256 of an MD5.
    Md5First,
    /// The SHA-256 of a SHA-1.
    Sha1First,
    /// An MD5 stands where a SHA-256 belongs.
    Md5Instead,
    /// A SHA-1 stands where a SHA-256 belongs.
    Sha1Instead,
    /// White space at an end.
    NotTrimmed,
    /// Capitals left.
    NotLowerCased,
    /// A phone with its plus sign.
    PlusKept,
    /// A phone with the exit code `00` or `011`.
    ExitCodeKept,
    /// A phone without country code.
    NoCountryCode,
    /// A phone with another country's code.
    WrongCountryCode,
    /// A phone with its country code twice.
    CountryCodeTwice,
    /// A phone with a zero in front.
    LeadingZero,
    /// A phone with the zero that is dialled at home only.
    TrunkZero,
    /// A number type drops what a text keeps.
    LeadingZeroLost,
    /// A number written as a decimal.
    NumberFormat,
    /// Spaces inside.
    SpacesKept,
    /// Spaces replaced by another character.
    SpacesReplaced,
    /// Brackets, dots or hyphens left.
    PunctuationKept,
    /// Accented letters became plain ones.
    AccentsFolded,
    /// Accented letters are gone or became question marks.
    AccentsLost,
    /// The text was digested or read in another character set than UTF-8.
    CharacterSet,
    /// Accents as characters of their own (Unicode NFD).
    Decomposed,
    /// A word for the gender.
    GenderWord,
    /// Day, month and year in another order.
    DateOrder,
    /// A date with separators, a time or two digits for the year.
    DateFormat,
    /// The day before or after: a time zone was applied.
    DayShifted,
    /// The name of the state.
    FullStateName,
    /// The name of the country.
    FullCountryName,
    /// Three letters for the country, or others that are no ISO code.
    CountryCodeForm,
    /// First and last name in each other's place.
    NamesSwapped,
    /// Both names in one.
    FullName,
    /// Only the first word.
    FirstWordOnly,
    /// Only the first letter.
    InitialOnly,
    /// URL-encoded text.
    UrlEncoded,
    /// HTML-escaped text.
    HtmlEncoded,
    /// Quotes or backslashes around or inside.
    Quoted,
    /// `+tag` dropped from an address.
    PlusTagRemoved,
    /// Dots dropped from an address.
    DotsRemoved,
    /// `+` read as a space.
    PlusAsSpace,
    /// A postal code with more than belongs, or less.
    ZipForm,
    /// The value of another key.
    ValueOf(MatchKey),
}

impl Slip {
    /// The words for it, the same for ever.
    pub fn words(self) -> &'static str {
        match self {
            Slip::HashedTwice => "hashed twice",
            Slip::HashedThrice => "hashed three times",
            Slip::UpperHexHashed => "upper-case hex hashed again",
            Slip::Md5First => "MD5 first",
            Slip::Sha1First => "SHA-1 first",
            Slip::Md5Instead => "MD5 instead",
            Slip::Sha1Instead => "SHA-1 instead",
            Slip::NotTrimmed => "not trimmed",
            Slip::NotLowerCased => "not lower-cased",
            Slip::PlusKept => "plus sign kept",
            Slip::ExitCodeKept => "exit code kept",
            Slip::NoCountryCode => "no country code",
            Slip::WrongCountryCode => "wrong country code",
            Slip::CountryCodeTwice => "country code twice",
            Slip::LeadingZero => "leading zero",
            Slip::TrunkZero => "trunk zero kept",
            Slip::LeadingZeroLost => "leading zero lost",
            Slip::NumberFormat => "number format",
            Slip::SpacesKept => "inner spaces kept",
            Slip::SpacesReplaced => "inner spaces replaced",
            Slip::PunctuationKept => "punctuation kept",
            Slip::AccentsFolded => "accents folded",
            Slip::AccentsLost => "accents lost",
            Slip::CharacterSet => "wrong character set",
            Slip::Decomposed => "accents decomposed",
            Slip::GenderWord => "raw gender word",
            Slip::DateOrder => "date order",
            Slip::DateFormat => "date format",
            Slip::DayShifted => "day shifted",
            Slip::FullStateName => "full state name",
            Slip::FullCountryName => "full country name",
            Slip::CountryCodeForm => "no ISO country code",
            Slip::NamesSwapped => "names swapped",
            Slip::FullName => "full name",
            Slip::FirstWordOnly => "first word only",
            Slip::InitialOnly => "initial only",
            Slip::UrlEncoded => "URL-encoded first",
            Slip::HtmlEncoded => "HTML-escaped first",
            Slip::Quoted => "quotes or backslashes kept",
            Slip::PlusTagRemoved => "plus tag removed",
            Slip::DotsRemoved => "dots removed",
            Slip::PlusAsSpace => "plus sign read as a space",
            Slip::ZipForm => "postal code cut or extended",
            Slip::ValueOf(key) => match key {
                MatchKey::Email => "value of em",
                MatchKey::Phone => "value of ph",
                MatchKey::FirstName => "value of fn",
                MatchKey::LastName => "value of ln",
                MatchKey::Gender => "value of ge",
                MatchKey::BirthDate => "value of db",
                MatchKey::City => "value of ct",
                MatchKey::State => "value of st",
                MatchKey::Zip => "value of zp",
                MatchKey::Country => "value of country",
                _ => "value of another key",
            },
        }
    }

    /// What to change.
    pub fn fix(self, key: MatchKey) -> String {
        let text = match self {
            Slip::HashedTwice | Slip::HashedThrice => {
                "hash once: something between the form and the call hashes a value that is a digest already (an SDK, a tag template, or your own helper)"
            }
            Slip::UpperHexHashed => {
                "hash once, and write the digest in lower-case hex; the SDK took the upper-case digest for plain text"
            }
            Slip::Md5First | Slip::Sha1First => {
                "hash the plain value; a stored MD5 or SHA-1 cannot be turned into the SHA-256 that is needed"
            }
            Slip::Md5Instead | Slip::Sha1Instead => "use SHA-256",
            Slip::NotTrimmed => "trim white space at both ends before hashing",
            Slip::NotLowerCased => "lower-case the text before hashing",
            Slip::PlusKept | Slip::PunctuationKept if key == MatchKey::Phone => {
                "keep the digits only, country code first"
            }
            Slip::PlusKept => "drop the plus sign",
            Slip::ExitCodeKept => "drop the 00 or 011 in front of the country code",
            Slip::NoCountryCode => {
                "put the country code in front (take it from the country field or a phone library), then keep digits only"
            }
            Slip::WrongCountryCode => "use the visitor's country code, not the shop's",
            Slip::CountryCodeTwice => "do not add the country code to a number that has one",
            Slip::LeadingZero => "drop zeros in front",
            Slip::TrunkZero => "drop the zero between country code and area code",
            Slip::LeadingZeroLost => "treat the value as text: a number type drops its zeros",
            Slip::NumberFormat => "treat the value as text, not as a number",
            Slip::SpacesKept => "drop spaces inside the value too",
            Slip::SpacesReplaced => "drop spaces instead of replacing them",
            Slip::PunctuationKept => "drop punctuation",
            Slip::AccentsFolded => "keep accented letters: lower-case them, and hash UTF-8",
            Slip::AccentsLost => {
                "hash the UTF-8 text; something drops or replaces non-ASCII letters"
            }
            Slip::CharacterSet => "read and hash the text as UTF-8",
            Slip::Decomposed => "bring the text to Unicode NFC before hashing",
            Slip::GenderWord => "send f or m: take the initial yourself, lower-cased",
            Slip::DateOrder => "write year, month, day: YYYYMMDD",
            Slip::DateFormat => "write eight digits without separators: YYYYMMDD",
            Slip::DayShifted => "treat the birth date as a date without a time zone",
            Slip::FullStateName => "send the two-letter code of the state, lower-cased",
            Slip::FullCountryName => "send the ISO 3166-1 alpha-2 code, lower-cased",
            Slip::CountryCodeForm => "send the two letters of ISO 3166-1 alpha-2, lower-cased",
            Slip::NamesSwapped => "first name goes to fn, last name to ln",
            Slip::FullName => "split the name: first name to fn, last name to ln",
            Slip::FirstWordOnly | Slip::InitialOnly => "send the whole value",
            Slip::UrlEncoded => "decode the value before hashing",
            Slip::HtmlEncoded => "unescape the value before hashing",
            Slip::Quoted => "hash the text itself, not its JSON or SQL form",
            Slip::PlusTagRemoved | Slip::DotsRemoved => {
                "leave the address as the person wrote it, trimmed and lower-cased"
            }
            Slip::PlusAsSpace => "the address was URL-decoded once too often: decode it once",
            Slip::ZipForm => "send the postal code as it is (in the US the first five digits)",
            Slip::ValueOf(other) => {
                return format!(
                    "{key} holds the value of {other}: put each value under its own key"
                );
            }
        };
        text.to_owned()
    }
}
