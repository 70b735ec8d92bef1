//! Filter lists for visitors with an ad blocker, fetched to the user's own data folder.
//!
//! No list is part of the program: they are their authors', under licences of their own.
//! Never reads a rule.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// The lists: address and file name. Source: EasyList, "Subscriptions".
const LISTS: &[(&str, &str)] = &[
    ("https://easylist.to/easylist/easyprivacy.txt", "easyprivacy.txt"),
    ("https://easylist.to/easylist/easylist.txt", "easylist.txt"),
];

/// How long one list may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// A list larger than this is none.
const LARGEST: usize = 64 * 1024 * 1024;

/// Why lists were not fetched.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// There is no folder to put them in.
    #[error("no folder for filter lists: neither XDG_DATA_HOME nor HOME is set")]
    NoFolder,
    /// A list was not fetched.
    #[error("{address}: not fetched: {what}; give lists of your own with --filter-list FILE")]
    Fetch {
        /// Where it is.
        address: &'static str,
        /// What happened.
        what: String,
    },
    /// A list was not written.
    #[error("{}: cannot write: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

/// The folder that keeps the user's lists, whether it is there or not.
pub fn lists_folder() -> Option<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME").filter(|folder| !folder.is_empty());
    let data = data.map(PathBuf::from).or_else(|| {
        let home = std::env::var_os("HOME").filter(|folder| !folder.is_empty())?;
        Some(Path::new(&home).join(".local/share"))
    })?;
    Some(data.join("countonce/filter-lists"))
}

/// Fetches the lists; returns their files.
pub async fn fetch_lists() -> Result<Vec<PathBuf>, ListError> {
    let folder = lists_folder().ok_or(ListError::NoFolder)?;
    let write = |path: &Path| {
        let path = path.to_owned();
        move |source| ListError::Write { path, source }
    };
    // A second installation in the same process is refused and means nothing.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let mut files = Vec::new();
    for (address, name) in LISTS {
        let text = fetch(address).await.map_err(|what| ListError::Fetch { address, what })?;
        std::fs::create_dir_all(&folder).map_err(write(&folder))?;
        let path = folder.join(name);
        // Written beside and moved, so that a list is never half of one.
        let fresh = folder.join(format!("{name}.new"));
        std::fs::write(&fresh, text).map_err(write(&fresh))?;
        std::fs::rename(&fresh, &path).map_err(write(&path))?;
        files.push(path);
    }
    Ok(files)
}

async fn fetch(address: &str) -> Result<Vec<u8>, String> {
    let plain = |error: reqwest::Error| error.without_url().to_string();
    let client = reqwest::Client::builder().timeout(PATIENCE).build().map_err(plain)?;
    let mut answer = client.get(address).send().await.map_err(plain)?;
    if !answer.status().is_success() {
        return Err(format!("answered with status {}", answer.status()));
    }
    let mut text = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(plain)? {
        if text.len() + chunk.len() > LARGEST {
            return Err(format!("longer than {} MiB", LARGEST / 1024 / 1024));
        }
        text.extend_from_slice(&chunk);
    }
    Ok(text)
}
