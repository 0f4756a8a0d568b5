//! The text of a pack as positioned trees, and every mistake in it at once.
//!
//! Knows: files and their places, YAML read strictly (scalars stay text), the regulation's own Markdown, the hash that
//! names a version. Never: opens a file (texts come in as [`Files`]) or knows what a key means.
//!
//! # Reading a file
//!
//! Everything that reads takes `&Mistakes` and goes on after a mistake, so that one run reports all of them. A value
//! that could not be read is `None`; its mistake is already noted.
//!
//! ```
//! use regulation::source::{Mistakes, Reader, Said, yaml};
//!
//! struct Stage { key: String, title: Said, end: bool }
//!
//! let text = "procedure: complaint\nstages:\n  received: { zh: 已受理, en: Received }\n  \
//!             closed: { zh: 已办结, en: Closed, end: true }\nfrom: [received, closed]\nretian: 3 years\n";
//! let mistakes = Mistakes::new();
//! let mut stages = Vec::new();
//! if let Some(node) = yaml::parse("complaint.yaml", text, &mistakes)
//!     && let Some(mut file) = Reader::over(&node, &mistakes)
//! {
//!     let name = file.need_text("procedure");
//!     for (key, node) in file.entries("stages") {
//!         let Some(mut stage) = Reader::over(node, &mistakes) else { continue };
//!         let title = stage.said_here();             // the keys zh and en of this very map
//!         let end = stage.flag("end", false);
//!         stage.finish();                            // reports keys that nobody asked for
//!         if let Some(title) = title {
//!             stages.push(Stage { key: key.text.clone(), title, end });
//!         }
//!     }
//!     let from: Vec<&str> = file.one_or_many("from").iter().filter_map(|n| n.text(&mistakes)).collect();
//!     let retain = file.text("retain");
//!     file.finish();
//!     assert_eq!((name, from, retain), (Some("complaint"), vec!["received", "closed"], None));
//! }
//! let all = mistakes.into_sorted();
//! assert_eq!(
//!     all[0].to_string(),
//!     "complaint.yaml:6:1: Nothing is called \"retian\" here. Did you mean \"retain\"? Known here: procedure, stages, \
//!      from, retain."
//! );
//! assert!(stages[1].end && stages[0].key == "received" && stages[0].title.en == "Received");
//! ```

mod decode;
mod files;
pub mod markdown;
mod mistake;
mod nearest;
mod node;
mod place;
mod reader;
mod traps;
pub mod yaml;

pub use decode::decode;
pub use files::{Files, SourceFile, content_hash};
pub use markdown::{Block, RegulationText};
pub use mistake::{Language, Mistake, Mistakes, Said};
pub use nearest::nearest;
pub use node::{Key, Kind, Node, Scalar};
pub use place::{Origin, Place};
pub use reader::Reader;
pub(crate) use traps::half_width;
