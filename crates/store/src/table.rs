//! Projection tables: what they are called, which columns they have, and the writes that turn one set of rows
//! into another.

use std::collections::BTreeMap;

use crate::value::Value;

/// What a column holds. PostgreSQL columns may be narrower (`SMALLINT` for a flag): assignment casts apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Integers: ids, times, flags, money, quantities.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Blob,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in SQL.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
}

impl Column {
    /// An integer column.
    pub const fn int(name: &'static str) -> Self {
        Column {
            name,
            kind: ColumnKind::Int,
        }
    }

    /// A text column.
    pub const fn text(name: &'static str) -> Self {
        Column {
            name,
            kind: ColumnKind::Text,
        }
    }

    /// A column of bytes.
    pub const fn blob(name: &'static str) -> Self {
        Column {
            name,
            kind: ColumnKind::Blob,
        }
    }
}

/// A projection table. Declared once as a `static`; the SQL that writes it is made once from this.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name in SQL.
    pub name: &'static str,
    /// The columns of its primary key.
    pub key: &'static [Column],
    /// The other columns.
    pub columns: &'static [Column],
}

impl Table {
    /// Key columns, then the others: the order of a [`Row`]'s values.
    pub fn all_columns(&self) -> impl Iterator<Item = &'static Column> {
        self.key.iter().chain(self.columns)
    }

    /// How many values a row of it has.
    pub fn width(&self) -> usize {
        self.key.len() + self.columns.len()
    }

    pub(crate) fn column_list(&self) -> String {
        self.all_columns()
            .map(|column| column.name)
            .collect::<Vec<_>>()
            .join(", ")
    }

    pub(crate) fn key_list(&self) -> String {
        self.key
            .iter()
            .map(|column| column.name)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// The end of an upsert: what happens to a row that is there already.
    pub(crate) fn on_conflict(&self) -> String {
        if self.columns.is_empty() {
            return format!("ON CONFLICT ({}) DO NOTHING", self.key_list());
        }
        let sets: Vec<String> = self
            .columns
            .iter()
            .map(|c| format!("{0} = excluded.{0}", c.name))
            .collect();
        format!(
            "ON CONFLICT ({}) DO UPDATE SET {}",
            self.key_list(),
            sets.join(", ")
        )
    }
}

/// One row of a projection table: key values first, then the others in the table's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The table it stands in.
    pub table: &'static Table,
    /// Its values.
    pub values: Vec<Value>,
}

impl Row {
    /// The values of its key.
    pub fn key(&self) -> &[Value] {
        self.values.get(..self.table.key.len()).unwrap_or(&self.values)
    }
}

/// One change of a projection table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowWrite {
    /// The row stands there afterwards, whatever stood there before.
    Put(Row),
    /// No row with this key stands there afterwards.
    Delete {
        /// The table.
        table: &'static Table,
        /// The key's values.
        key: Vec<Value>,
    },
}

impl RowWrite {
    /// The table written to.
    pub fn table(&self) -> &'static Table {
        match self {
            RowWrite::Put(row) => row.table,
            RowWrite::Delete { table, .. } => table,
        }
    }

    /// The key written to.
    pub fn key(&self) -> &[Value] {
        match self {
            RowWrite::Put(row) => row.key(),
            RowWrite::Delete { key, .. } => key,
        }
    }

    /// What is wrong with its shape, if anything: too many or few values, or one of another kind than its column.
    pub(crate) fn defect(&self) -> Option<String> {
        let (table, values, width) = match self {
            RowWrite::Put(row) => (row.table, &row.values, row.table.width()),
            RowWrite::Delete { table, key } => (*table, key, table.key.len()),
        };
        if values.len() != width {
            return Some(format!(
                "a write to {} has {} values, it needs {width}",
                table.name,
                values.len()
            ));
        }
        let fits = |column: &Column, value: &Value| match value {
            Value::Null => true,
            Value::Int(_) => column.kind == ColumnKind::Int,
            Value::Text(_) => column.kind == ColumnKind::Text,
            Value::Blob(_) => column.kind == ColumnKind::Blob,
        };
        let wrong = table
            .all_columns()
            .zip(values)
            .find(|(column, value)| !fits(column, value));
        wrong.map(|(column, value)| {
            format!(
                "a write to {}.{} gives {}, the column holds {:?}",
                table.name,
                column.name,
                value.kind(),
                column.kind
            )
        })
    }
}

/// The writes that turn `before` into `after`: new and changed rows are put, rows no longer there are deleted,
/// equal rows cost nothing. The order is by table name and key, so equal inputs give equal writes.
pub fn difference(before: &[Row], after: &[Row]) -> Vec<RowWrite> {
    let mut standing: BTreeMap<(&str, &[Value]), &Row> = before
        .iter()
        .map(|row| ((row.table.name, row.key()), row))
        .collect();
    let wanted: BTreeMap<(&str, &[Value]), &Row> = after
        .iter()
        .map(|row| ((row.table.name, row.key()), row))
        .collect();
    let mut writes = Vec::new();
    for (place, row) in wanted {
        if standing.remove(&place) != Some(row) {
            writes.push(RowWrite::Put(row.clone()));
        }
    }
    let gone = standing.into_values();
    writes.extend(gone.map(|row| RowWrite::Delete {
        table: row.table,
        key: row.key().to_vec(),
    }));
    writes
}
