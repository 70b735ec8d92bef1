//! The `[audit]` table of the configuration: what production logs call their columns and
//! fields.
//!
//! Never what a field means to a platform: whoever reads logs knows which names there are.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::DeTable;

use super::reader::Reader;
use super::schema::{AUDIT_TABLES, LOG_KEYS, ORDER_KEYS};

/// What production logs and the shop's books call things.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditConfig {
    /// Logs of the browser side.
    pub browser: LogNames,
    /// Logs of the server side.
    pub server: LogNames,
    /// The shop's books, which have no `fields`.
    pub orders: LogNames,
}

/// Names in the files of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogNames {
    /// Form of the files.
    pub form: Option<Entry>,
    /// Names of what stands around an event, or makes an order, by our word for it.
    pub roles: BTreeMap<String, Entry>,
    /// Names of what an event says, by the platform's word for it.
    pub fields: BTreeMap<String, Entry>,
}

/// A key and its text, with their bytes in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The text.
    pub text: String,
    /// Bytes of the key.
    pub key: Range<usize>,
    /// Bytes of the value.
    pub value: Range<usize>,
}

impl Reader<'_> {
    pub(super) fn audit(&mut self, table: &DeTable<'_>) -> AuditConfig {
        self.known(table, AUDIT_TABLES);
        let mut names = |side: &str, keys: &[(&str, &str)]| {
            self.table(table, side).map(|table| self.names(table, keys)).unwrap_or_default()
        };
        AuditConfig {
            browser: names("browser", LOG_KEYS),
            server: names("server", LOG_KEYS),
            orders: names("orders", ORDER_KEYS),
        }
    }

    fn names(&mut self, table: &DeTable<'_>, keys: &[(&str, &str)]) -> LogNames {
        self.known(table, keys);
        let mut found = LogNames::default();
        for (key, _) in keys {
            match *key {
                "form" => found.form = self.entry(table, key),
                "fields" => {
                    let fields = self.table(table, key);
                    for name in fields.iter().flat_map(|fields| fields.keys()) {
                        let name: &str = name.get_ref();
                        let entry = fields.and_then(|fields| self.entry(fields, name));
                        found.fields.extend(entry.map(|entry| (name.to_owned(), entry)));
                    }
                }
                role => {
                    let entry = self.entry(table, role);
                    found.roles.extend(entry.map(|entry| (role.to_owned(), entry)));
                }
            }
        }
        found
    }

    fn entry(&mut self, table: &DeTable<'_>, key: &str) -> Option<Entry> {
        let (name, value) = table.get_key_value(key)?;
        let text = self.text_of(value)?;
        if text.trim().is_empty() {
            self.fault(&value.span(), "the name is empty", None);
            return None;
        }
        Some(Entry { text, key: name.span(), value: value.span() })
    }
}
