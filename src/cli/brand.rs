//! `--brand FILE`: the sender's title, logo and colours for the HTML report.
//!
//! Wrong input gets file, line and column; nothing of the file can become markup or style.

use std::path::Path;

use serde::Deserialize;

use super::{Streams, WRONG_INPUT};
use crate::report::{Brand, Colour, Logo};

/// Largest logo, in bytes: it travels in every report.
const LARGEST_LOGO: u64 = 200 * 1024;

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    title: String,
    #[serde(default)]
    client: String,
    #[serde(default)]
    footer: String,
    logo: Option<String>,
    colour: Option<String>,
    colour_dark: Option<String>,
}

/// Reads a brand file; what is wrong with it is the user's error.
pub(super) fn read(path: Option<&Path>, streams: &Streams) -> Result<Option<Brand>, u8> {
    let Some(path) = path else { return Ok(None) };
    brand(path).map(Some).map_err(|what| {
        streams.err(&format!("error: {what}"));
        WRONG_INPUT
    })
}

fn brand(path: &Path) -> Result<Brand, String> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|cause| {
        format!("{shown}: {cause}; --brand takes a TOML file with title, client, footer, logo, colour and colour-dark")
    })?;
    let file: File = toml::from_str(&text).map_err(|cause| {
        let at = cause.span().map_or(0, |span| span.start);
        let before = &text[..at.min(text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        format!("{shown}:{line}:{column}: {}", cause.message())
    })?;
    let colour = |name: &str, value: Option<String>| {
        value
            .map(|value| {
                Colour::read(&value).ok_or_else(|| {
                    format!("{shown}: {name} is `{value}`; write a colour as #rgb or #rrggbb")
                })
            })
            .transpose()
    };
    let logo = file.logo.map(|name| logo(path, &name)).transpose()?;
    Ok(Brand {
        title: file.title,
        client: file.client,
        footer: file.footer,
        logo,
        colour: colour("colour", file.colour)?,
        colour_dark: colour("colour-dark", file.colour_dark)?,
    })
}

/// The logo, beside the brand file unless its path says otherwise.
fn logo(brand: &Path, name: &str) -> Result<Logo, String> {
    let path = brand.parent().unwrap_or(Path::new(".")).join(name);
    let shown = path.display();
    let size = std::fs::metadata(&path).map_err(|cause| format!("{shown}: {cause}"))?.len();
    if size > LARGEST_LOGO {
        return Err(format!(
            "{shown}: the logo has {size} bytes; at most {LARGEST_LOGO} fit into a report"
        ));
    }
    let bytes = std::fs::read(&path).map_err(|cause| format!("{shown}: {cause}"))?;
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).into_owned();
    let media_type = match bytes.as_slice() {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        // In an image element an SVG can neither run scripts nor load anything.
        _ if head.contains("<svg") => "image/svg+xml",
        _ => return Err(format!("{shown}: a logo is a PNG, JPEG, WebP or SVG file")),
    };
    Ok(Logo { media_type, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Brand, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("brand.toml");
        std::fs::write(&path, text).expect("written");
        std::fs::write(folder.path().join("logo.svg"), "<svg xmlns='x'/>").expect("written");
        std::fs::write(folder.path().join("notes.txt"), "no picture").expect("written");
        brand(&path)
    }

    #[test]
    fn a_brand_is_read_with_its_logo() {
        let brand =
            of("title = \"Audit\"\nclient = \"Shop\"\nlogo = \"logo.svg\"\ncolour = \"#0a5\"\n")
                .expect("a brand");
        assert_eq!((brand.title.as_str(), brand.client.as_str()), ("Audit", "Shop"));
        assert_eq!(brand.logo.map(|logo| logo.media_type), Some("image/svg+xml"));
        assert_eq!(brand.colour, Some(Colour(0, 170, 85)));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let wrong = |text: &str| of(text).expect_err("wrong");
        assert!(wrong("title = 1\n").contains("brand.toml:1:9: "), "{}", wrong("title = 1\n"));
        assert!(wrong("\ncolor = \"#fff\"\n").contains("brand.toml:2:1: unknown field `color`"));
        assert!(wrong("colour = \"red;}\"\n").contains("write a colour as #rgb"));
        assert!(wrong("logo = \"notes.txt\"\n").contains("a logo is a PNG"));
        assert!(wrong("logo = \"gone.png\"\n").contains("gone.png"));
    }
}
