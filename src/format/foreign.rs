//! Foreign text made harmless: what a page, a server or a scenario wrote must neither reach
//! a reader's terminal as a command, nor a CI service as one, nor turn a line round.
//!
//! Never how a format escapes its own signs.

use memchr::{memchr, memmem};

/// Prefix of CI services' commands in the middle of a line: `##[command]`, `##vso[…]`,
/// `##teamcity[…]`. GitHub's runner (`ActionCommand.TryParse`) and the Azure agent look for
/// it anywhere in a line of a job's log.
const LOG_COMMAND: &str = "##";

/// The text on one line, without anything a terminal would obey; beyond `longest`
/// characters it says how many are left out.
pub(super) fn plain(text: &str, longest: usize) -> String {
    let mut harmless = String::with_capacity(text.len().min(4 * longest));
    let mut space = true;
    let mut shown = 0;
    let mut rest = text.chars();
    for c in rest.by_ref() {
        if c.is_whitespace() {
            if !space {
                harmless.push(' ');
                shown += 1;
            }
            space = true;
            continue;
        }
        space = false;
        shown += 1;
        push(&mut harmless, c);
        if shown >= longest {
            break;
        }
    }
    let left = rest.count();
    if left > 0 {
        harmless = format!("{}… ({left} more characters)", harmless.trim_end());
    }
    harmless.truncate(harmless.trim_end().len());
    harmless
}

/// The same text with its line breaks and blanks, in full, without anything to obey.
pub(super) fn lines(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\n' | '\t' | ' ' => harmless.push(c),
            c => push(&mut harmless, c),
        }
    }
    harmless
}

fn push(harmless: &mut String, c: char) {
    match c {
        // The pictures of the control characters stand in the same order as these.
        '\0'..='\u{1f}' => harmless.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
        '\u{7f}' => harmless.push('\u{2421}'),
        '\u{80}'..='\u{9f}' => harmless.push('\u{fffd}'),
        c if is_invisible(c) => harmless.push_str(&c.escape_unicode().to_string()),
        c => harmless.push(c),
    }
}

/// Characters that turn, join or hide others: zero-width and direction marks, and the
/// tags that can spell a hidden text.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2028}'..='\u{2029}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}'
        | '\u{e0000}'..='\u{e007f}')
}

/// A JSON text that reads the same, but in which no CI service finds a command and no
/// terminal a sign that turns or hides others.
pub(super) fn quiet_json(text: &str) -> String {
    // Outside of strings JSON has none of these.
    spelt(without_commands(text, "#\\u0023"), |unit, spelling| {
        let mut units = [0; 2];
        for unit in unit.encode_utf16(&mut units) {
            spelling.push_str(&format!("\\u{unit:04x}"));
        }
    })
}

/// The text with every prefix of a command replaced. Reports are long, and the usual
/// replacement goes through them a byte at a time.
fn without_commands(text: &str, harmless: &str) -> String {
    let mut quiet = String::with_capacity(text.len() + text.len() / 64);
    let mut taken = 0;
    for at in memmem::find_iter(text.as_bytes(), LOG_COMMAND) {
        quiet.push_str(&text[taken..at]);
        quiet.push_str(harmless);
        taken = at + LOG_COMMAND.len();
    }
    quiet.push_str(&text[taken..]);
    quiet
}

/// The same for XML.
pub(super) fn quiet_xml(text: &str) -> String {
    let quiet: Vec<String> = without_commands(text, "#&#35;")
        .lines()
        .map(|line| match line.trim_start().strip_prefix("::") {
            Some(rest) => format!("{}&#58;:{rest}", &line[..line.len() - rest.len() - 2]),
            None => line.to_owned(),
        })
        .collect();
    let mut quiet = quiet.join("\n");
    if text.ends_with('\n') {
        quiet.push('\n');
    }
    spelt(quiet, |c, spelling| spelling.push_str(&format!("&#{};", c as u32)))
}

/// The text with every sign that turns or hides others spelt out.
fn spelt(text: String, spell: impl Fn(char, &mut String)) -> String {
    let hidden = |c: char| matches!(c, '\u{7f}'..='\u{9f}') || is_invisible(c);
    let mut spelling = String::new();
    let mut taken = 0;
    for at in beyond_ascii(text.as_bytes()) {
        // In the middle of a character there is nothing to look at.
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { continue };
        // The replacement sign is one of them by its place alone.
        if hidden(c) && c != '\u{fffd}' {
            spelling.push_str(&text[taken..at]);
            spell(c, &mut spelling);
            taken = at + c.len_utf8();
        }
    }
    if taken == 0 {
        return text;
    }
    spelling.push_str(&text[taken..]);
    spelling
}

/// Places of bytes that are no printable ASCII, controls below the blank aside. Reports are
/// long, and nearly all of them is: a block at a time is looked at in one go.
fn beyond_ascii(text: &[u8]) -> impl Iterator<Item = usize> {
    const BLOCK: usize = 512;
    text.chunks(BLOCK).zip((0..).step_by(BLOCK)).flat_map(|(block, begin)| {
        let usual = block.is_ascii() && memchr(0x7f, block).is_none();
        let block = if usual { &[] } else { block };
        block.iter().zip(begin..).filter(|(byte, _)| **byte >= 0x7f).map(|(_, at)| at)
    })
}

/// A line for a log in which no CI service finds a command. Columns stay as they are.
pub(super) fn quiet_line(line: &str) -> String {
    let quiet = line.replace("##", "#♯");
    // GitHub's runner obeys what stands first in a line, blanks aside.
    let start = quiet.len() - uncoloured(&quiet).len();
    match quiet[start..].strip_prefix("::") {
        Some(rest) => format!("{}:∶{rest}", &quiet[..start]),
        None => quiet,
    }
}

/// What follows the blanks and colours at the beginning of a line.
fn uncoloured(line: &str) -> &str {
    let mut rest = line.trim_start();
    while let Some(sequence) = rest.strip_prefix("\u{1b}[") {
        let Some(end) = sequence.find('m') else { break };
        rest = sequence[end + 1..].trim_start();
    }
    rest
}

/// A figure for machines. Four decimals: more would only show that a share is a quotient of
/// binary numbers.
pub(super) fn round(figure: f64) -> f64 {
    (figure * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_comes_through() {
        let hostile = "a\u{1b}[31mred\u{7}\r\nb\t\u{9b}2J\u{202e}evil\u{200b}\u{7f}";
        let shown = plain(hostile, 600);
        assert_eq!(shown, "a␛[31mred␇ b \u{fffd}2J\\u{202e}evil\\u{200b}␡");
        assert!(!shown.chars().any(char::is_control));
        assert_eq!(lines("a\r\nb\u{1b}\u{202e}"), "a\nb␛\\u{202e}");
    }

    #[test]
    fn long_texts_say_how_much_is_left_out() {
        let shown = plain(&"x".repeat(4096), 600);
        assert!(shown.ends_with("… (3496 more characters)"), "{shown}");
        assert_eq!(plain(&"x".repeat(600), 600), "x".repeat(600));
    }

    #[test]
    fn no_line_commands_a_ci_service() {
        assert_eq!(quiet_line("  ::error::x"), "  :∶error::x");
        assert_eq!(quiet_line(" \u{1b}[31m::error"), " \u{1b}[31m:∶error");
        assert_eq!(quiet_line("a ##[error] b"), "a #♯[error] b");
        assert_eq!(quiet_line("2001:db8::1"), "2001:db8::1");
        assert_eq!(quiet_json("\"##vso[x]\""), "\"#\\u0023vso[x]\"");
        assert_eq!(quiet_json("\"é###–####\""), "\"é#\\u0023#–#\\u0023#\\u0023\"");
    }

    #[test]
    fn signs_that_turn_or_hide_others_are_spelt_out_wherever_they_stand() {
        for before in [0, 1, 509, 510, 511, 512, 2000] {
            let text = |sign: &str| format!("{}–{sign}é", "x".repeat(before));
            for (sign, spelt) in [
                ("\u{7f}", "\\u007f"),
                ("\u{ad}", "\\u00ad"),
                ("\u{202e}", "\\u202e"),
                ("\u{feff}", "\\ufeff"),
                ("\u{e0041}", "\\udb40\\udc41"),
                ("\u{fffd}", "\u{fffd}"),
                ("…", "…"),
            ] {
                assert_eq!(quiet_json(&text(sign)), text(spelt));
            }
        }
        assert_eq!(quiet_xml("a\u{202e}b\u{200b}"), "a&#8238;b&#8203;");
    }
}
