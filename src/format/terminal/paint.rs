//! Colours, for those who asked for them.
//!
//! Never the only carrier of a meaning.

use owo_colors::{OwoColorize, Style};

/// What a colour repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing.
    Plain,
    /// Explanations and absences.
    Quiet,
    /// As it should be.
    Good,
    /// Worth a look.
    Doubtful,
    /// Wrong.
    Bad,
}

/// Paints, or leaves as it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    colour: bool,
}

impl Paint {
    pub(super) fn new(colour: bool) -> Paint {
        Paint { colour }
    }

    pub(super) fn tone(self, text: &str, tone: Tone) -> String {
        self.styled(text, style(tone))
    }

    pub(super) fn strong(self, text: &str, tone: Tone) -> String {
        self.styled(text, style(tone).bold())
    }

    pub(super) fn title(self, text: &str) -> String {
        self.styled(text, Style::new().bold().underline())
    }

    fn styled(self, text: &str, style: Style) -> String {
        if self.colour && !text.is_empty() && !style.is_plain() {
            text.style(style).to_string()
        } else {
            text.to_owned()
        }
    }
}

fn style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Quiet => Style::new().dimmed(),
        Tone::Good => Style::new().green(),
        Tone::Doubtful => Style::new().yellow(),
        Tone::Bad => Style::new().red(),
    }
}
