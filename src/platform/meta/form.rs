//! Names and values out of queries, form bodies and multipart bodies.
//!
//! Reads whatever can be read and says what could not, with its place in bytes.
//! Never what a name means, never the values in its messages.

/// The longest boundary that is searched for; RFC 2046 allows 70 characters.
const LONGEST_BOUNDARY: usize = 200;

/// Names and values in the order they were sent, and what was wrong with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Fields {
    /// Names and values, decoded.
    pub(super) pairs: Vec<(String, String)>,
    /// What could not be read, one message per kind and part.
    pub(super) faults: Vec<String>,
}

impl Fields {
    /// The first value of that name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Adds what an urlencoded text says; `part` names it in messages.
    pub(super) fn read_urlencoded(&mut self, bytes: &[u8], part: &str) {
        let mut at = 0;
        let (mut broken, mut foreign) = (None, None);
        for pair in bytes.split(|b| *b == b'&') {
            let split = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            let (name, rest) = pair.split_at(split);
            if !pair.is_empty() {
                let mut decode = |text: &[u8], start: usize| {
                    let (decoded, fault) = percent_decoded(text);
                    broken = broken.or(fault.map(|offset| start + offset));
                    String::from_utf8(decoded).unwrap_or_else(|error| {
                        foreign = foreign.or(Some(start));
                        String::from_utf8_lossy(error.as_bytes()).into_owned()
                    })
                };
                let name = decode(name, at);
                let value = decode(rest.get(1..).unwrap_or_default(), at + split + 1);
                self.pairs.push((name, value));
            }
            at += pair.len() + 1;
        }
        if let Some(offset) = broken {
            self.faults.push(format!("broken percent-encoding in the {part} at byte {offset}"));
        }
        if let Some(offset) = foreign {
            self.faults.push(format!("the {part} is not UTF-8 after byte {offset}"));
        }
    }

    /// Adds the parts of a multipart body. The boundary comes from the content type, or
    /// from the body's first line where the content type names none.
    pub(super) fn read_multipart(&mut self, bytes: &[u8], content_type: &str) {
        let Some(boundary) = boundary(content_type).or_else(|| first_line_boundary(bytes)) else {
            self.faults.push("multipart body without a boundary".to_owned());
            return;
        };
        let delimiter = [b"--", boundary.as_bytes()].concat();
        let Some(mut at) = find(bytes, &delimiter, 0) else {
            self.faults.push("multipart body does not contain its boundary".to_owned());
            return;
        };
        loop {
            at += delimiter.len();
            let rest = &bytes[at..];
            if rest.starts_with(b"--") {
                return;
            }
            let next = find(bytes, &delimiter, at);
            let end = next.unwrap_or(bytes.len());
            self.read_part(&bytes[at..end], at);
            let Some(next) = next else {
                self.faults.push(format!(
                    "multipart body ends at byte {end} without its closing boundary"
                ));
                return;
            };
            at = next;
        }
    }

    fn read_part(&mut self, part: &[u8], at: usize) {
        let part = part.strip_prefix(b"\r\n").or_else(|| part.strip_prefix(b"\n")).unwrap_or(part);
        let (head, body) = match (find(part, b"\r\n\r\n", 0), find(part, b"\n\n", 0)) {
            (Some(crlf), lf) if lf.is_none_or(|lf| crlf < lf) => (&part[..crlf], &part[crlf + 4..]),
            (_, Some(lf)) => (&part[..lf], &part[lf + 2..]),
            _ => {
                self.faults.push(format!("multipart part without a header at byte {at}"));
                return;
            }
        };
        let Some(name) = part_name(&String::from_utf8_lossy(head)) else {
            self.faults.push(format!("multipart part without a name at byte {at}"));
            return;
        };
        let body = body.strip_suffix(b"\r\n").or_else(|| body.strip_suffix(b"\n")).unwrap_or(body);
        let value = String::from_utf8(body.to_vec()).unwrap_or_else(|error| {
            self.faults.push(format!("multipart part at byte {at} is not UTF-8"));
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        });
        self.pairs.push((name, value));
    }
}

/// Decoded bytes, and where a percent sign was not followed by two hexadecimal digits.
fn percent_decoded(text: &[u8]) -> (Vec<u8>, Option<usize>) {
    let digit = |at: usize| text.get(at).and_then(|b| char::from(*b).to_digit(16));
    let (mut decoded, mut fault, mut at) = (Vec::with_capacity(text.len()), None, 0);
    while let Some(byte) = text.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
                continue;
            }
            (b'%', ..) => {
                fault = fault.or(Some(at));
                decoded.push(b'%');
            }
            (b'+', ..) => decoded.push(b' '),
            (other, ..) => decoded.push(*other),
        }
        at += 1;
    }
    (decoded, fault)
}

fn boundary(content_type: &str) -> Option<String> {
    let at = content_type.to_ascii_lowercase().find("boundary=")?;
    let rest = content_type.get(at + "boundary=".len()..)?;
    let text = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split(';').next()?.trim(),
    };
    (!text.is_empty() && text.len() <= LONGEST_BOUNDARY).then(|| text.to_owned())
}

fn first_line_boundary(bytes: &[u8]) -> Option<String> {
    let line = bytes.split(|b| *b == b'\n').next()?;
    let text = std::str::from_utf8(line).ok()?.trim_end().strip_prefix("--")?;
    (!text.is_empty() && text.len() <= LONGEST_BOUNDARY).then(|| text.to_owned())
}

/// The `name` of a part's `Content-Disposition`.
fn part_name(head: &str) -> Option<String> {
    let line = head
        .lines()
        .find(|line| line.trim_start().to_ascii_lowercase().starts_with("content-disposition"))?;
    let mut rest = line;
    loop {
        let at = rest.find("name=")?;
        let after = &rest[at + "name=".len()..];
        // `filename=` ends in the same word.
        if rest[..at].ends_with("file") {
            rest = after;
            continue;
        }
        let name = match after.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next()?,
            None => after.split(';').next()?.trim(),
        };
        // Browsers escape exactly these three in names (HTML, multipart form data).
        return Some(name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
    }
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    bytes.get(from..)?.windows(wanted.len()).position(|window| window == wanted).map(|at| at + from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urlencoded(text: &[u8]) -> Fields {
        let mut fields = Fields::default();
        fields.read_urlencoded(text, "body");
        fields
    }

    fn multipart(body: &str, content_type: &str) -> Fields {
        let mut fields = Fields::default();
        fields.read_multipart(body.as_bytes(), content_type);
        fields
    }

    #[test]
    fn brackets_are_read_in_both_spellings() {
        let fields = urlencoded(b"cd[value]=1&cd%5Bcurrency%5D=U+S&flag&=x&&e=");
        let pairs: Vec<_> = fields.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(
            pairs,
            [("cd[value]", "1"), ("cd[currency]", "U S"), ("flag", ""), ("", "x"), ("e", "")]
        );
        assert!(fields.faults.is_empty());
    }

    #[test]
    fn what_is_broken_is_named_with_its_place_and_the_rest_is_read() {
        let fields = urlencoded(b"a=1&b=%zz&c=%ff&d=%4");
        assert_eq!(fields.get("a"), Some("1"));
        assert_eq!(fields.get("b"), Some("%zz"));
        assert_eq!(
            fields.faults,
            [
                "broken percent-encoding in the body at byte 6",
                "the body is not UTF-8 after byte 12"
            ]
        );
    }

    #[test]
    fn multipart_parts_are_read() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"cd[a]\"\r\n\r\none\r\ntwo\r\n\
            --x\r\ncontent-disposition: form-data; filename=\"f\"; name=id\r\nContent-Type: text/plain\r\n\r\n12\r\n--x--\r\n";
        for content_type in [
            "multipart/form-data; boundary=x",
            "multipart/form-data; boundary=\"x\"",
            "multipart/form-data",
        ] {
            let fields = multipart(body, content_type);
            assert_eq!(fields.get("cd[a]"), Some("one\r\ntwo"), "{content_type}");
            assert_eq!(fields.get("id"), Some("12"));
            assert!(fields.faults.is_empty(), "{:?}", fields.faults);
        }
    }

    #[test]
    fn broken_multipart_is_read_as_far_as_it_goes() {
        let cut = multipart(
            "--x\r\nContent-Disposition: form-data; name=\"id\"\r\n\r\n12\r\n--x\r\nConte",
            "multipart/form-data; boundary=x",
        );
        assert_eq!(cut.get("id"), Some("12"));
        assert_eq!(cut.faults.len(), 2, "{:?}", cut.faults);
        assert!(
            multipart("nothing", "multipart/form-data; boundary=x").faults[0]
                .contains("does not contain")
        );
        assert!(
            multipart("nothing", "multipart/form-data").faults[0].contains("without a boundary")
        );
    }
}
