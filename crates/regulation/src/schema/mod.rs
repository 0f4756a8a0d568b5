//! What each kind of file may hold: one description, from which the reader knows its keys and the editors' JSON
//! Schemas are written.

mod beside_tables;
mod clock_tables;
mod json;
mod message_tables;
mod procedure_tables;
mod shape;
mod test_tables;

pub use beside_tables::*;
pub use clock_tables::*;
pub use json::{json_schema, schemas};
pub use message_tables::*;
pub use procedure_tables::*;
pub use shape::{Key, Shape, Table};
pub use test_tables::*;

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Keys of which one must stand at the top for a file to be of this kind.
    pub known_by: &'static [&'static str],
    /// What it holds.
    pub table: &'static Table,
}

/// Every kind of YAML file, in the order in which a file is tried.
pub static KINDS: &[Kind] = &[
    Kind {
        known_by: &["procedure"],
        table: &PROCEDURE,
    },
    Kind {
        known_by: &["form"],
        table: &FORM,
    },
    Kind {
        known_by: &["message"],
        table: &MESSAGE,
    },
    Kind {
        known_by: &["tests"],
        table: &TESTS,
    },
    Kind {
        known_by: &["functions"],
        table: &FUNCTIONS,
    },
    Kind {
        known_by: &["obligations"],
        table: &OBLIGATIONS,
    },
    Kind {
        known_by: &["rights"],
        table: &RIGHTS,
    },
    Kind {
        known_by: &["clauses"],
        table: &CLAUSES,
    },
    Kind {
        known_by: &["kept_by_people"],
        table: &KEPT,
    },
    Kind {
        known_by: &["phrases"],
        table: &PHRASES,
    },
    Kind {
        known_by: &["document"],
        table: &DOCUMENT,
    },
    Kind {
        known_by: &["figures"],
        table: &FIGURES,
    },
    Kind {
        known_by: &["hours", "public_holidays", "calendar"],
        table: &CALENDAR,
    },
];
