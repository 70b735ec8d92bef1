//! Standard output and error, handed in by `main`, which alone prints.
//!
//! Reports go to standard output, progress and complaints to standard error.

use std::sync::Arc;

/// Writes a text to a stream.
pub(super) type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// Where a command writes, and what the terminal is like.
#[derive(Clone)]
pub struct Streams {
    /// Standard output.
    pub out: Sink,
    /// Standard error.
    pub err: Sink,
    /// Columns of the terminal on standard output; `None` where it is no terminal.
    pub width: Option<u16>,
    /// True when standard output may carry colour.
    pub colour: bool,
    /// True when standard error is a terminal.
    pub live: bool,
}

impl Streams {
    /// Writes to standard output, with a line end if there is none.
    pub fn out(&self, text: &str) {
        (self.out)(&ended(text));
    }

    /// A path for standard error: on a terminal it can be clicked.
    pub fn link(&self, path: &std::path::Path) -> String {
        self.link_as(path, &path.display().to_string())
    }

    /// A text for standard error that leads to a path where it can be clicked.
    pub fn link_as(&self, path: &std::path::Path, shown: &str) -> String {
        let whole = std::path::absolute(path).ok().filter(|_| self.live);
        match whole.and_then(|whole| url::Url::from_file_path(whole).ok()) {
            // OSC 8, hyperlinks in terminal emulators: address, text, end.
            Some(address) => {
                format!("\u{1b}]8;;{address}\u{1b}\\{shown}\u{1b}]8;;\u{1b}\\")
            }
            None => shown.to_owned(),
        }
    }

    /// Writes to standard error, with a line end if there is none.
    pub fn err(&self, text: &str) {
        (self.err)(&ended(text));
    }
}

fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_can_be_clicked_on_terminals_only() {
        let streams = |live: bool| Streams {
            out: Arc::new(|_| {}),
            err: Arc::new(|_| {}),
            width: None,
            colour: false,
            live,
        };
        let path = std::path::Path::new("/srv/a run/report.html");
        assert_eq!(streams(false).link(path), "/srv/a run/report.html");
        let linked = streams(true).link(path);
        assert!(
            linked.starts_with("\u{1b}]8;;file:///srv/a%20run/report.html\u{1b}\\"),
            "{linked:?}"
        );
        assert!(linked.contains("/srv/a run/report.html"), "{linked:?}");
    }
}
