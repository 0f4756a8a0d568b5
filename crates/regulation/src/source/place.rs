//! Where something stands in a file.

use std::fmt;
use std::sync::Arc;

/// A place in a file; line and column count from 1, the column in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Path inside the pack, with `/`.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Place {
    /// A place.
    pub fn new(file: impl Into<Arc<str>>, line: u32, column: u32) -> Self {
        Place {
            file: file.into(),
            line,
            column,
        }
    }

    /// The first character of a file, for mistakes about the file as a whole.
    pub fn start_of(file: impl Into<Arc<str>>) -> Self {
        Place::new(file, 1, 1)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Where each character of a scalar's text stands in its file, so that a mistake inside a condition points at the very
/// character, even behind quotes, escapes and line folds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    first: Place,
    /// Line and column of every character (and of the end) where they do not simply follow each other.
    spots: Option<Arc<[(u32, u32)]>>,
}

impl Origin {
    pub(super) fn with_spots(first: Place, spots: Vec<(u32, u32)>) -> Self {
        Origin {
            first,
            spots: Some(spots.into()),
        }
    }

    /// The place of the text's first character.
    pub fn first(&self) -> &Place {
        &self.first
    }

    /// The place of the character with this index (from 0); the end of the text for an index behind it.
    pub fn at(&self, index: usize) -> Place {
        match &self.spots {
            Some(spots) => match spots.get(index).or(spots.last()) {
                Some(&(line, column)) => Place {
                    file: self.first.file.clone(),
                    line,
                    column,
                },
                None => self.first.clone(),
            },
            None => {
                let column = self
                    .first
                    .column
                    .saturating_add(u32::try_from(index).unwrap_or(u32::MAX));
                Place {
                    file: self.first.file.clone(),
                    line: self.first.line,
                    column,
                }
            }
        }
    }
}

impl From<Place> for Origin {
    fn from(first: Place) -> Self {
        Origin { first, spots: None }
    }
}

impl From<&Place> for Origin {
    fn from(first: &Place) -> Self {
        Origin {
            first: first.clone(),
            spots: None,
        }
    }
}
