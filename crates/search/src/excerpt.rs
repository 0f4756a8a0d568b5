//! What to show of a text that was found: the part around the words, with the places to mark.

use std::collections::HashSet;

use crate::tokens::each_term;

/// A part of a text with the places that matched, counted in UTF-16 units as browsers count them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The part.
    pub text: String,
    /// First unit and the one behind the last, ascending, not touching.
    pub ranges: Vec<(u32, u32)>,
}

/// Places of matching terms in a text, in characters, joined where they touch.
fn places(text: &str, terms: &HashSet<&str>) -> Vec<(usize, usize)> {
    let mut places: Vec<(usize, usize)> = Vec::new();
    each_term(text, |term, start, end| {
        if terms.contains(term) {
            places.push((start, end));
        }
    });
    places.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (start, end) in places {
        match joined.last_mut() {
            Some((_, last)) if start <= *last => *last = (*last).max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// A whole text with its matches.
pub fn marked(text: &str, terms: &HashSet<&str>) -> Excerpt {
    cut(text, &places(text, terms), 0, usize::MAX)
}

/// The part of one of the lines with most matches, about `width` characters around the first of them.
pub fn best<'a>(lines: impl Iterator<Item = &'a str>, terms: &HashSet<&str>, width: usize) -> Excerpt {
    let (mut most, mut shown) = (None, "");
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let weight: usize = places(line, terms).iter().map(|(start, end)| end - start).sum();
        if most.is_none_or(|most| weight > most) {
            (most, shown) = (Some(weight), line);
        }
    }
    let (line, places) = (shown, places(shown, terms));
    let first = places.first().map_or(0, |(start, _)| *start);
    let start = if first + 12 > width {
        first.saturating_sub(width / 4)
    } else {
        0
    };
    cut(line, &places, start, width)
}

fn cut(text: &str, places: &[(usize, usize)], start: usize, width: usize) -> Excerpt {
    let mut part = String::new();
    let mut units = 0u32;
    let mut at_unit = Vec::new();
    if start > 0 {
        part.push('…');
        units += 1;
    }
    let mut more = false;
    for (at, letter) in text.chars().enumerate().skip(start) {
        if at - start >= width {
            more = true;
            break;
        }
        at_unit.push(units);
        units += if letter as u32 > 0xFFFF { 2 } else { 1 };
        part.push(letter);
    }
    at_unit.push(units);
    if more {
        part.push('…');
    }
    let unit = |at: usize| at_unit.get(at.saturating_sub(start)).copied().unwrap_or(units);
    let ranges = places
        .iter()
        .filter(|(from, to)| *to > start && *from < start.saturating_add(width))
        .map(|(from, to)| (unit((*from).max(start)), unit(*to)))
        .filter(|(from, to)| from < to)
        .collect();
    Excerpt { text: part, ranges }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_joined_and_counted_as_browsers_count() {
        let terms: HashSet<&str> = ["停车", "车场", "积水"].into();
        let all = marked("🅿停車場積水", &terms);
        assert_eq!(all.ranges, [(2, 7)]);
    }

    #[test]
    fn the_line_that_says_most_is_shown_around_its_first_match() {
        let terms: HashSet<&str> = ["积水"].into();
        let long = format!("{}积水很深{}", "前".repeat(200), "后".repeat(200));
        let shown = best(["别的", &long].into_iter(), &terms, 40);
        assert!(shown.text.starts_with('…') && shown.text.ends_with('…'));
        let letters: Vec<char> = shown.text.chars().collect();
        let (from, to) = shown.ranges[0];
        assert_eq!(letters[from as usize..to as usize], ['积', '水']);
        assert_eq!(best(["甲", "乙"].into_iter(), &terms, 40).text, "甲");
    }
}
