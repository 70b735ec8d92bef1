//! The forms of log files, and how one is told from its first bytes.
//!
//! Never a whole file.

use super::line::{HEADER, is_balancers};

/// A form of log files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A JSON object a line: events, whole bodies, access logs.
    Ndjson,
    /// An address of a hit a line.
    Urls,
    /// An access log of Apache, nginx or a load balancer.
    Combined,
    /// A log of the W3C extended form: CloudFront, IIS.
    Extended,
    /// An HTTP archive.
    Har,
    /// A table of text with a header.
    Csv,
    /// A Parquet file with named columns.
    Parquet,
    /// A tape of countonce.
    Tape,
    /// Facts of countonce.
    Facts,
}

/// Every form with the word that users write and what it is.
pub const FORMS: &[(&str, Form, &str)] = &[
    ("ndjson", Form::Ndjson, "a JSON object a line: events, whole bodies, access logs"),
    ("urls", Form::Urls, "an address of a hit a line"),
    (
        "combined",
        Form::Combined,
        "an access log of nginx or Apache, common or combined, or of a load balancer of AWS",
    ),
    ("w3c", Form::Extended, "a log whose #Fields line names its fields: CloudFront, IIS"),
    ("har", Form::Har, "an HTTP archive"),
    ("csv", Form::Csv, "a table of text with a header"),
    ("parquet", Form::Parquet, "a Parquet file with named columns"),
    ("tape", Form::Tape, "a tape of countonce"),
    ("facts", Form::Facts, "facts of countonce"),
];

/// The words for all forms.
pub fn form_names() -> Vec<&'static str> {
    FORMS.iter().map(|(name, ..)| *name).collect()
}

impl Form {
    /// The word users see and write.
    pub fn name(self) -> &'static str {
        FORMS.iter().find(|(_, form, _)| *form == self).map_or("", |(name, ..)| name)
    }

    /// The form of that name.
    pub fn from_name(name: &str) -> Option<Form> {
        FORMS.iter().find(|(known, ..)| *known == name).map(|(_, form, _)| *form)
    }

    /// Tells the form by the first bytes of a file, unpacked; otherwise what was seen.
    pub(super) fn of(head: &[u8]) -> Result<Form, String> {
        if head.starts_with(b"PAR1") {
            return Ok(Form::Parquet);
        }
        let text = String::from_utf8_lossy(head);
        let text = text.trim_start_matches('\u{feff}').trim_start();
        let line = text.lines().next().unwrap_or_default().trim();
        if line.is_empty() {
            return Err("the file is empty".to_owned());
        }
        if line.starts_with('{') {
            if line.contains("\"countonce_tape\"") {
                return Ok(Form::Tape);
            }
            let opening: String = text.chars().take(400).filter(|c| !c.is_whitespace()).collect();
            if opening.starts_with("{\"log\":{") {
                return Ok(Form::Har);
            }
            return Ok(Form::Ndjson);
        }
        if line.starts_with("http://") || line.starts_with("https://") || line.starts_with("/tr") {
            return Ok(Form::Urls);
        }
        let comments = text.lines().map(str::trim_start).take_while(|line| line.starts_with('#'));
        if comments.into_iter().any(|line| line.starts_with(HEADER)) {
            return Ok(Form::Extended);
        }
        if (line.contains(" [") && line.contains("] \"")) || is_balancers(line) {
            return Ok(Form::Combined);
        }
        if line.starts_with('[') {
            return Err("the file begins with a JSON array; write an object a line".to_owned());
        }
        let separated = |separator: char| line.split(separator).count() >= 2;
        if [',', ';', '\t'].into_iter().any(separated) && !line.contains('{') {
            return Ok(Form::Csv);
        }
        Err("neither JSON lines nor addresses, an access log, a table, Parquet or a tape"
            .to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_by_their_beginning() {
        for (head, form) in [
            ("{\"event_name\":\"Lead\"}\n", Form::Ndjson),
            ("\u{feff}{\"a\":1}", Form::Ndjson),
            ("{\"countonce_tape\":1}", Form::Tape),
            ("{\n  \"log\": {\n \"version\"", Form::Har),
            ("https://www.facebook.com/tr/?id=1&ev=Lead\n", Form::Urls),
            ("/tr/?id=1", Form::Urls),
            ("event_name,event_id\nLead,1", Form::Csv),
            ("event_name;event_id\nLead;1", Form::Csv),
            ("::1 - - [02/Mar/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 200 1\n", Form::Combined),
            ("#Version: 1.0\n#Fields: date time cs-uri-stem\n2026-03-02\t", Form::Extended),
            ("h2 2026-03-02T12:00:00.186641Z app/lb/5 1.2.3.4:5 \"GET\"", Form::Combined),
            ("PAR1....", Form::Parquet),
        ] {
            assert_eq!(Form::of(head.as_bytes()), Ok(form), "{head}");
        }
        for head in ["", "hello", "[1,2]", "\n\n"] {
            assert!(Form::of(head.as_bytes()).is_err(), "{head}");
        }
    }
}
