//! The nearest known name to one that is not known.

/// Longer words are never slips of a known name, and comparing them would cost.
const LONGEST: usize = 64;

/// The candidate that differs least from `word`, if it is near enough to be what was meant: at most a third of the
/// letters (at least one, a swap of neighbours counting once). Capitals and `-` for `_` do not count as different.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let wanted = folded(word);
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    let mut best: Option<(usize, &'c str)> = None;
    for candidate in candidates {
        let known = folded(candidate);
        let allowed = (wanted.len().max(known.len()) / 3).max(1);
        if known.is_empty() || known.len() > LONGEST || known.len().abs_diff(wanted.len()) > allowed {
            continue;
        }
        let distance = distance(&wanted, &known);
        if distance <= allowed && distance < known.len() && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn folded(word: &str) -> Vec<char> {
    let fold = |c: char| {
        if c == '-' || c == ' ' {
            '_'
        } else {
            c.to_ascii_lowercase()
        }
    };
    word.chars().take(LONGEST + 1).map(fold).collect()
}

/// Edits (insert, delete, replace, swap neighbours) that turn `a` into `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i);
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_found_only_when_near() {
        let known = ["settled", "assigned", "closed", "case", "duty_lead"];
        for (word, expected) in [
            ("setled", Some("settled")),
            ("clsoed", Some("closed")),
            ("duty-lead", Some("duty_lead")),
            ("Assigned", Some("assigned")),
            ("cas", Some("case")),
            ("x", None),
            ("", None),
            ("entirely_else", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(nearest("一般投述", ["一般投诉", "重大投诉"]), Some("一般投诉"));
    }
}
