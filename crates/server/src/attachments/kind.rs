//! Which kinds of file are taken: told by content, and the name must agree.

use encoding_rs::GB18030;

/// A kind that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// As served.
    pub mime: &'static str,
    /// Endings a name may have; the first is given where there is none.
    pub endings: &'static [&'static str],
    /// How it is looked at before it is kept.
    pub look: Look,
}

/// How a file is looked at before it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// A picture: freed of metadata.
    Jpeg,
    /// A picture.
    Png,
    /// A picture.
    WebP,
    /// Packed: what it would unpack to is counted.
    Packed,
    /// Text.
    Text,
    /// Taken as it is.
    AsItIs,
}

const KINDS: &[(&str, &[&str], Look)] = &[
    ("image/jpeg", &["jpg", "jpeg"], Look::Jpeg),
    ("image/png", &["png"], Look::Png),
    ("image/webp", &["webp"], Look::WebP),
    ("application/pdf", &["pdf"], Look::AsItIs),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &["docx"],
        Look::Packed,
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        &["xlsx"],
        Look::Packed,
    ),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &["pptx"],
        Look::Packed,
    ),
    ("application/msword", &["doc"], Look::AsItIs),
    ("application/vnd.ms-excel", &["xls"], Look::AsItIs),
    ("application/vnd.ms-powerpoint", &["ppt"], Look::AsItIs),
    ("text/plain", &["txt", "csv"], Look::Text),
    ("audio/mpeg", &["mp3"], Look::AsItIs),
    ("audio/m4a", &["m4a"], Look::AsItIs),
    ("audio/ogg", &["ogg"], Look::AsItIs),
    ("audio/x-wav", &["wav"], Look::AsItIs),
    ("audio/amr", &["amr"], Look::AsItIs),
    ("video/mp4", &["mp4"], Look::AsItIs),
    ("video/quicktime", &["mov"], Look::AsItIs),
];

fn of(mime: &str) -> Option<Kind> {
    KINDS
        .iter()
        .find(|(known, ..)| *known == mime)
        .map(|(mime, endings, look)| Kind {
            mime,
            endings,
            look: *look,
        })
}

/// Whether a browser may show it inside a page.
pub fn is_shown(mime: &str) -> bool {
    of(mime).is_some_and(|kind| matches!(kind.look, Look::Jpeg | Look::Png | Look::WebP))
}

/// The kinds that are taken, by their endings.
pub fn taken() -> String {
    let endings: Vec<&str> = KINDS
        .iter()
        .flat_map(|(_, endings, _)| endings.iter().copied())
        .collect();
    endings.join("、")
}

/// The ending of a name, in lower case.
pub fn ending(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    (!stem.is_empty() && !ending.is_empty()).then(|| ending.to_lowercase())
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// A kind that is not taken.
    Kind,
    /// The name says another kind than the content.
    Name {
        /// What the content is.
        is: &'static str,
    },
}

/// The kind of this content under this name. `head` is its beginning; for packed files the more of it the better.
pub fn kind_of(head: &[u8], name: &str) -> Result<Kind, NotTaken> {
    let kind = match infer::get(head) {
        Some(found) => of(found.mime_type()).ok_or(NotTaken::Kind)?,
        None => {
            let text = of("text/plain").filter(|_| is_text(head));
            text.ok_or(NotTaken::Kind)?
        }
    };
    // Markup is text too: it is told from plain text by its name, and a name that says markup is refused.
    match ending(name) {
        Some(ending) if kind.endings.contains(&ending.as_str()) => Ok(kind),
        None if kind.look != Look::Text => Ok(kind),
        _ => Err(NotTaken::Name {
            is: kind.endings.first().copied().unwrap_or_default(),
        }),
    }
}

/// Whether this is the beginning of a text in UTF-8 or GB 18030, without control characters.
fn is_text(head: &[u8]) -> bool {
    let control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t' | 0x0c);
    if head.is_empty() || head.iter().any(control) {
        return false;
    }
    // The head may end within a character.
    let whole = |error: std::str::Utf8Error| error.error_len().is_none();
    match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) if whole(error) => true,
        Err(_) => {
            let cut = head.get(..head.len().saturating_sub(4)).unwrap_or(head);
            !GB18030.decode_without_bom_handling(cut).1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] = &[0xFF, 0xD8, 0xFF, 0xE0, 0, 16, b'J', b'F', b'I', b'F', 0];

    #[test]
    fn the_kind_comes_from_the_content_and_the_name_must_agree() {
        assert_eq!(kind_of(JPEG, "照片.JPG").unwrap().mime, "image/jpeg");
        assert_eq!(kind_of(JPEG, "照片").unwrap().mime, "image/jpeg");
        assert_eq!(kind_of(JPEG, "照片.pdf"), Err(NotTaken::Name { is: "jpg" }));
        assert_eq!(kind_of(b"%PDF-1.7 x", "a.pdf").unwrap().mime, "application/pdf");
        assert_eq!(kind_of("你好".as_bytes(), "a.txt").unwrap().mime, "text/plain");
        assert_eq!(
            kind_of(&GB18030.encode("你好世界").0, "a.csv").unwrap().mime,
            "text/plain"
        );
    }

    #[test]
    fn attack_code_is_no_attachment_whatever_it_is_called() {
        for (content, name) in [
            (&b"MZ\x90\x00\x03"[..], "a.jpg"),
            (b"\x7fELF\x02\x01\x01", "a.pdf"),
            (b"<html><script>alert(1)</script>", "a.html"),
            (b"<html><script>alert(1)</script>", "a.txt"),
            (
                b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
                "a.svg",
            ),
            (b"<svg onload=\"alert(1)\"/>", "a.png"),
            (b"<?xml version=\"1.0\"?><svg/>", "a.svg"),
            (b"#!/bin/sh\nrm -rf /", "a.txt"),
            (b"<?php system($_GET[0]);", "a.php"),
            (b"alert(1)", "a.js"),
            (b"PK\x03\x04rest", "a.zip"),
            (b"hello", "a"),
            (b"hello", ".txt"),
            (b"", "a.txt"),
            (b"a\0b", "a.txt"),
        ] {
            assert!(kind_of(content, name).is_err(), "{name}: {content:?}");
        }
    }
}
