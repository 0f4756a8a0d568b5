//! Telephone numbers: kept as digits, shown masked.

/// The digits of a number as typed; a leading `+` stays, so that foreign numbers remain apart. China's own prefix is
/// left out, because people give their numbers both with and without it.
pub fn digits(text: &str) -> String {
    let plus = text.trim_start().starts_with(['+', '＋']);
    let digits: String = text
        .chars()
        .filter_map(|letter| match letter {
            '０'..='９' => char::from_digit(letter as u32 - '０' as u32, 10),
            _ => letter.is_ascii_digit().then_some(letter),
        })
        .collect();
    match digits.strip_prefix("86").or_else(|| digits.strip_prefix("0086")) {
        Some(own) if own.len() == 11 && (plus || digits.len() > 11) => own.to_owned(),
        _ if plus => format!("+{digits}"),
        _ => digits,
    }
}

/// `138****6021`: the first three and the last four stay; of a short number only the last two.
pub fn masked(phone: &str) -> String {
    let letters: Vec<char> = phone.chars().collect();
    let (head, tail) = match letters.len() {
        0..=4 => (0, letters.len().min(1)),
        5..=8 => (0, 2),
        _ => (3, 4),
    };
    let stars = letters.len() - head - tail;
    let shown = |part: &[char]| part.iter().collect::<String>();
    format!(
        "{}{}{}",
        shown(&letters[..head]),
        "*".repeat(stars),
        shown(&letters[head + stars..])
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in [
            "138 0013 6021",
            "138-0013-6021",
            "+86 13800136021",
            "0086 13800136021",
            "１３８００１３６０２１",
        ] {
            assert_eq!(digits(text), "13800136021", "{text}");
        }
        assert_eq!(digits("+1 212 555 0100"), "+12125550100");
        assert_eq!(digits("0571-8881 0000"), "057188810000");
        assert_eq!(digits("王"), "");
    }

    #[test]
    fn a_mobile_number_shows_its_ends() {
        assert_eq!(masked("13800136021"), "138****6021");
        assert_eq!(masked("88810000"), "******00");
        assert_eq!(masked("110"), "**0");
        assert_eq!(masked(""), "");
    }

    proptest! {
        #[test]
        fn a_masked_number_keeps_its_length_and_hides_some(phone in "[0-9]{2,20}") {
            let shown = masked(&phone);
            prop_assert_eq!(shown.len(), phone.len());
            prop_assert!(shown.contains('*'));
        }
    }
}
