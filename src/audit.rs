//! Production logs: files of any usual form become events and facts, in parallel and in
//! bounded memory.
//!
//! `source` opens files, `form` tells what they are, `line` finds the events in a line,
//! `worker` turns them into rows of facts, `store` keeps those by event id and on disk
//! when there are many.
//! Never rules: what is asked of an event is handed in as a function.

mod address;
mod answer;
mod archive;
mod books;
mod columns;
mod envelope;
mod exchange;
mod facts_file;
mod form;
mod groups;
mod intern;
mod layout;
mod line;
mod names;
mod orders;
mod paths;
mod read;
mod records;
mod rows;
mod sample;
mod source;
mod spot;
mod sql;
mod stage;
mod store;
mod stored;
mod tables;
mod time;
mod verdict;
mod worker;

use std::path::PathBuf;

pub use answer::{AnswerLine, Stretch, is_answer};
pub use books::write_books;
pub use columns::{field_names, takes_field};
pub use facts_file::{FACTS_FORMAT, FactsOut, Split, facts_columns, facts_schema};
pub use form::{FORMS, Form, form_names};
pub use layout::{Layout, Layouts, ROLES};
pub use orders::{ORDER_ROLES, read_orders};
pub use paths::expand;
pub use read::{Reading, Request, facts, read};
pub use source::{BadLine, Input, InputReport};
pub use spot::Spot;
pub use sql::{DIALECTS, Dialect, QUESTIONS, Question, Tables, reconcile_sql};
pub use stage::Stage;
pub use verdict::{Judge, Told, Verdict};

/// Why logs could not be read. All name the file.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A file cannot be opened or read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{}: cannot write: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// A pattern matches no file.
    #[error("{pattern}: no such file{hint}")]
    Missing {
        /// As the user wrote it.
        pattern: String,
        /// What to do about it.
        hint: String,
    },
    /// What a file is cannot be told.
    #[error("{}: {what}; name its form with `--form FORM` ({})", path.display(), form::form_names().join(", "))]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What was seen.
        what: String,
    },
    /// A line that is none, where that ends the run.
    #[error("{place}: {cause}{hint}")]
    Broken {
        /// File and line.
        place: String,
        /// What is wrong.
        cause: String,
        /// What to do about it.
        hint: String,
    },
    /// A file is no table of the kind that is needed.
    #[error("{}: {what}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong, and how to mend it.
        what: String,
    },
}

impl AuditError {
    fn unreadable(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> AuditError {
        let path = path.into();
        move |source| AuditError::Unreadable { path, source }
    }

    fn unwritable(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> AuditError {
        let path = path.into();
        move |source| AuditError::Unwritable { path, source }
    }

    fn table(path: impl Into<PathBuf>, what: impl ToString) -> AuditError {
        AuditError::Table { path: path.into(), what: what.to_string() }
    }

    /// True where the machine failed rather than the input.
    pub fn is_ours(&self) -> bool {
        matches!(self, AuditError::Unwritable { .. })
    }
}
