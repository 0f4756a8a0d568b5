//! Names of files as people gave them, made harmless: only ever shown and offered for saving, never a path.

/// The longest name in characters.
const LONGEST: usize = 120;

/// A name without folders, control characters, characters that some system forbids or that turn the direction of
/// writing, and without dots at its ends.
pub fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\'' | '`')
                && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        })
        .collect();
    let kept = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    if kept.chars().count() <= LONGEST {
        return kept.to_owned();
    }
    // The end says what it is.
    let ending = super::kind::ending(kept).filter(|ending| ending.chars().count() <= 10);
    let ending = ending.map(|ending| format!(".{ending}")).unwrap_or_default();
    let stem: String = kept.chars().take(LONGEST - ending.chars().count()).collect();
    format!("{stem}{ending}")
}

/// The header that offers a file for saving, or shows it, under its name (RFC 6266, RFC 8187).
pub fn disposition(shown: bool, name: &str) -> String {
    let how = if shown { "inline" } else { "attachment" };
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{how}; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn attack_names_are_no_paths_and_no_markup() {
        assert_eq!(harmless("../../etc/passwd"), "passwd");
        assert_eq!(harmless("C:\\Windows\\win.ini"), "win.ini");
        assert_eq!(
            harmless("<img src=x onerror=alert(1)>.jpg"),
            "img src=x onerror=alert(1).jpg"
        );
        assert_eq!(harmless("照片\u{202e}gpj.exe"), "照片gpj.exe");
        assert_eq!(harmless("...\r\n"), "");
        assert_eq!(
            disposition(false, "照 片.jpg"),
            "attachment; filename*=UTF-8''%E7%85%A7%20%E7%89%87.jpg"
        );
        assert!(harmless(&format!("{}.jpeg", "长".repeat(300))).ends_with(".jpeg"));
    }

    proptest! {
        #[test]
        fn attack_a_name_never_breaks_a_header(name in "\\PC{0,300}") {
            let name = harmless(&name);
            prop_assert!(name.chars().count() <= LONGEST);
            prop_assert!(!name.contains(['/', '\\', '<', '>', '"']));
            let header = disposition(true, &name);
            prop_assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert!(!header[8..].contains(';'));
        }
    }
}
