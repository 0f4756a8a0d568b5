//! Composing a message: what yields when it is too long (LOG-3).
//!
//! Knows: the text, its parts and their turn. Never: where a value comes from or who gets the message. A number is never
//! cut, and a part that was cut does not end on one: "3号楼" cut to "3" would say something else.

use crate::model::{Longest, Message, Part, Piece};
use crate::source::Said;

/// The mark of a part that was shortened.
const CUT: char = '…';

/// Everything has yielded and it is still too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// Most characters.
    pub longest: u32,
    /// What is left.
    pub found: u32,
}

/// The message in both languages. `values` are those of the message's parts, in their order; a part without one is left
/// out with the words around it.
///
/// # Errors
/// [`TooLong`] where one of the two is too long after all that yields has yielded.
pub fn compose(message: &Message, values: &[Option<Said>]) -> Result<Said, TooLong> {
    let (zh, en) = message
        .longest
        .map_or((u32::MAX, u32::MAX), |Longest { zh, en }| (zh, en));
    Ok(Said::new(
        line(message, &message.zh, zh, values, |said| said.zh.as_str())?,
        line(message, &message.en, en, values, |said| said.en.as_str())?,
    ))
}

fn line(
    message: &Message,
    pieces: &[Piece],
    longest: u32,
    values: &[Option<Said>],
    language: impl Fn(&Said) -> &str,
) -> Result<String, TooLong> {
    let mut texts: Vec<Option<String>> = message
        .parts
        .iter()
        .enumerate()
        .map(|(index, _)| {
            let value = values.get(index)?.as_ref().map(&language)?;
            (!value.trim().is_empty()).then(|| value.to_owned())
        })
        .collect();
    let write = |texts: &[Option<String>]| {
        let mut out = String::new();
        for piece in pieces {
            match piece {
                Piece::Plain(text) => out.push_str(text),
                Piece::Part(index) => {
                    if let (Some(part), Some(Some(text))) = (message.parts.get(*index), texts.get(*index)) {
                        out.push_str(&spoken(part, text, &language));
                    }
                }
            }
        }
        out
    };
    let mut written = write(&texts);
    let mut turns: Vec<(u32, usize)> = message
        .parts
        .iter()
        .enumerate()
        .filter_map(|(index, part)| Some((part.yields?, index)))
        .collect();
    turns.sort_unstable();
    for (_, index) in turns {
        let over = length(&written).saturating_sub(longest);
        if over == 0 {
            break;
        }
        let (Some(part), Some(text)) = (message.parts.get(index), texts.get_mut(index)) else {
            continue;
        };
        *text = match (part.shorten_to, text.as_deref()) {
            (Some(least), Some(whole)) => shortened(whole, least.max(length(whole).saturating_sub(over))),
            _ => None,
        };
        written = write(&texts);
    }
    match length(&written) {
        found if found > longest => Err(TooLong { longest, found }),
        _ => Ok(written),
    }
}

/// A part with the words around it.
fn spoken(part: &Part, text: &str, language: impl Fn(&Said) -> &str) -> String {
    match &part.say {
        Some(say) => language(say).replacen("{value}", text, 1),
        None => text.to_owned(),
    }
}

/// Characters as a short message counts them.
pub fn length(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// The text in at most so many characters, the mark of shortening among them. `None` where nothing sensible is left.
fn shortened(text: &str, most: u32) -> Option<String> {
    if length(text) <= most {
        return Some(text.to_owned());
    }
    let characters: Vec<char> = text.chars().collect();
    let (mut end, mut used) = (0, 1);
    for character in &characters {
        used += character.len_utf16() as u32;
        if used > most {
            break;
        }
        end += 1;
    }
    // Back to before the number that the cut would end in or behind.
    while end > 0 && belongs(&characters, end - 1) {
        end -= 1;
    }
    let kept: String = characters.get(..end).unwrap_or_default().iter().collect();
    let kept = kept.trim_end_matches(|c: char| !c.is_alphanumeric() && !")）】」》”".contains(c));
    (!kept.is_empty()).then(|| format!("{kept}{CUT}"))
}

/// Whether the character at this place is part of a number or of a code with digits in it.
fn belongs(characters: &[char], at: usize) -> bool {
    let Some(&here) = characters.get(at) else {
        return false;
    };
    let before = at.checked_sub(1).and_then(|at| characters.get(at)).copied();
    let after = characters.get(at + 1).copied();
    numeral(here)
        || here.is_ascii_alphabetic() && in_code(characters, at)
        || joins(here) && before.is_some_and(code) && after.is_some_and(code)
}

fn code(character: char) -> bool {
    numeral(character) || character.is_ascii_alphabetic()
}

/// A Latin letter whose word has a digit in it: `TS20261126`.
fn in_code(characters: &[char], at: usize) -> bool {
    let word = |range: &mut dyn Iterator<Item = usize>| {
        for index in range {
            match characters.get(index) {
                Some(found) if numeral(*found) => return true,
                Some(found) if found.is_ascii_alphabetic() || joins(*found) => {}
                _ => return false,
            }
        }
        false
    };
    word(&mut (at..characters.len())) || word(&mut (0..at).rev())
}

fn numeral(character: char) -> bool {
    character.is_numeric() || "〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖拾佰仟".contains(character)
}

/// What stands inside a number: `3.5`, `138-0000-0000`, `11:30`, `1 000`.
fn joins(character: char) -> bool {
    ".．,，:：-－/／ %#*".contains(character)
}

#[cfg(test)]
mod tests;
