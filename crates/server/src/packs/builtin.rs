//! The packs that come with the program.

use regulation::source::Files;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../packs"]
struct Folder;

/// Names of the packs that come with the program.
pub fn built_in_names() -> Vec<String> {
    let mut names: Vec<String> = Folder::iter()
        .filter_map(|path| path.split_once('/').map(|(pack, _)| pack.to_owned()))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// The files of a pack that comes with the program.
pub fn built_in(name: &str) -> Option<Files> {
    let mut files = Files::new();
    for path in Folder::iter() {
        let Some(inside) = path.strip_prefix(name).and_then(|rest| rest.strip_prefix('/')) else {
            continue;
        };
        if let Some(file) = Folder::get(&path)
            && let Ok(text) = std::str::from_utf8(&file.data)
        {
            files.insert(inside, text);
        }
    }
    (!files.is_empty()).then_some(files)
}
