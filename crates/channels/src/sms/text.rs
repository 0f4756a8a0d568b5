//! What a text costs, and whom it can reach.

/// Characters of a message that goes as one.
const ALONE: usize = 70;

/// Characters of each part of one that does not: the rest says how they belong together.
const PART: usize = 67;

/// How many messages a text is paid as. Characters are counted as networks do, in units of UTF-16.
pub fn segments(text: &str) -> u32 {
    let units = text.encode_utf16().count();
    let parts = if units <= ALONE { 1 } else { units.div_ceil(PART) };
    u32::try_from(parts).unwrap_or(u32::MAX)
}

/// A mainland mobile number as its eleven digits; none where it is something else.
pub fn mainland(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|character| !" -".contains(*character))
        .collect();
    let digits = digits
        .strip_prefix("+86")
        .or_else(|| digits.strip_prefix("0086"))
        .unwrap_or(&digits);
    let mobile = digits.len() == 11
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(digits.as_bytes(), [b'1', b'3'..=b'9', ..]);
    mobile.then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_paid_by_seventy_and_then_by_sixty_seven() {
        let text = |count: usize| "字".repeat(count);
        for (count, paid) in [
            (0, 1),
            (1, 1),
            (70, 1),
            (71, 2),
            (134, 2),
            (135, 3),
            (201, 3),
            (202, 4),
        ] {
            assert_eq!(segments(&text(count)), paid, "{count}");
        }
        // A character beyond the first 65,536 is two units.
        assert_eq!(segments(&"😀".repeat(35)), 1);
        assert_eq!(segments(&"😀".repeat(36)), 2);
    }

    #[test]
    fn only_mainland_mobile_numbers_are_reached() {
        for written in ["13800138000", "+86 138 0013 8000", "0086-138-0013-8000"] {
            assert_eq!(mainland(written).as_deref(), Some("13800138000"));
        }
        for other in [
            "",
            "12345",
            "12800138000",
            "01088886666",
            "138001380001",
            "+1 202 555 0100",
            "1380013800a",
        ] {
            assert_eq!(mainland(other), None, "{other}");
        }
    }
}
