//! Small tables of named fields: rows of CSV, NDJSON or Parquet, one at a time.
//!
//! Never what a field means.

use std::borrow::Cow;
use std::path::Path;

use super::AuditError;
use super::columns::cells;
use super::form::Form;
use super::groups::Groups;
use super::names::at_path;
use super::source::{self, Input};

/// Largest file that is held in memory, unpacked.
const LARGEST: usize = 4 << 30;

pub(super) type Take<'a> = dyn FnMut(u64, &dyn Fn(&str) -> Option<String>) + 'a;

/// Hands over every row with the number of its line and a function from names to values.
/// `form` is the one that the configuration names.
pub(super) fn records(
    input: &Input,
    form: Option<&str>,
    take: &mut Take<'_>,
) -> Result<(), AuditError> {
    let (source, head) = source::open(input)?;
    let given = form.and_then(Form::from_name);
    let form = match input.form.or(given) {
        Some(form) => form,
        None => Form::of(&head)
            .map_err(|what| AuditError::Unknown { path: input.path.clone(), what })?,
    };
    match form {
        Form::Parquet => return parquet(&input.path, take),
        Form::Ndjson => {
            let bytes = source.whole(LARGEST)?;
            for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
                if line.trim_ascii().is_empty() {
                    continue;
                }
                let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
                take(at as u64 + 1, &|name| match at_path(&value, name)? {
                    serde_json::Value::String(text) => Some(text.clone()),
                    serde_json::Value::Null => None,
                    other => Some(other.to_string()),
                });
            }
        }
        Form::Csv => {
            let bytes = source.whole(LARGEST)?;
            let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
            let separator = [b',', b';', b'\t']
                .into_iter()
                .max_by_key(|sign| first.iter().filter(|byte| *byte == sign).count())
                .unwrap_or(b',');
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(separator)
                .flexible(true)
                .from_reader(bytes.as_slice());
            let headers: Vec<String> = reader
                .headers()
                .map_err(|error| AuditError::table(&input.path, error))?
                .iter()
                .map(|name| name.trim().trim_start_matches('\u{feff}').to_owned())
                .collect();
            for record in reader.records() {
                let record = record.map_err(|error| AuditError::table(&input.path, error))?;
                let line = record.position().map_or(0, csv::Position::line);
                take(line, &|name| {
                    let at = place(&headers, name)?;
                    record.get(at).filter(|text| !text.is_empty()).map(str::to_owned)
                });
            }
        }
        other => {
            return Err(AuditError::table(
                &input.path,
                format!("rows come as csv, ndjson or parquet here, not as {}", other.name()),
            ));
        }
    }
    Ok(())
}

fn parquet(path: &Path, take: &mut Take<'_>) -> Result<(), AuditError> {
    let groups = Groups::open(path)?;
    while let Some((group, frame)) = groups.next()? {
        let columns = cells(&frame).map_err(|error| AuditError::table(path, error))?;
        let names: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let first = groups.groups[group].0;
        for row in 0..frame.height() {
            take((first + row) as u64 + 1, &|name| {
                columns[place(&names, name)?].1.get(row).map(Cow::into_owned)
            });
        }
    }
    Ok(())
}

/// The column of a name; in any case where none is written so, since some engines write
/// capitals only.
fn place(columns: &[String], name: &str) -> Option<usize> {
    columns
        .iter()
        .position(|column| column == name)
        .or_else(|| columns.iter().position(|column| column.eq_ignore_ascii_case(name)))
}
