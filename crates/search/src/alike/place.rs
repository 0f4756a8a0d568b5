//! The places that a text names: numbered ones (3栋, B2层, 12号楼) and named ones (锦云花园, 青禾路).

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Its kind and its number or letter: building `3`, floor `b2`.
    Numbered(char, String),
    /// The characters before a word that makes a place of them, and that word: `锦云` `花园`.
    Named(String, &'static str),
}

/// The places of a text, ascending.
pub type Places = Vec<Place>;

/// Words that make a place of the number before them, with the kind they name.
const NUMBERED: [(&str, char); 14] = [
    ("号楼", '栋'),
    ("号院", '院'),
    ("单元", '元'),
    ("号线", '线'),
    ("栋", '栋'),
    ("幢", '栋'),
    ("座", '栋'),
    ("层", '层'),
    ("楼", '层'),
    ("室", '室'),
    ("期", '期'),
    ("区", '区'),
    ("路", '线'),
    ("门", '门'),
];

/// Words that make a place of the name before them; longer ones first.
const NAMED: [&str; 40] = [
    "收费站",
    "游泳馆",
    "健身房",
    "图书馆",
    "文化馆",
    "体育馆",
    "派出所",
    "小区",
    "花园",
    "家园",
    "新村",
    "公寓",
    "广场",
    "大厦",
    "商场",
    "超市",
    "市场",
    "公园",
    "医院",
    "学校",
    "小学",
    "中学",
    "车站",
    "驿站",
    "支行",
    "饭店",
    "酒店",
    "泳馆",
    "泳池",
    "食堂",
    "门店",
    "街口",
    "路口",
    "东门",
    "西门",
    "南门",
    "北门",
    "苑",
    "街",
    "路",
];

/// What stands before a named place without belonging to it.
const NOT_A_NAME: &str = "在住去到的了是我你他们从和与家这那边旁附近过走反映投诉买办把被对，。、";

/// A Chinese numeral or a digit as digits; `None` where it is none.
fn number(letters: &[char]) -> Option<String> {
    let text: String = letters.iter().collect();
    if !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric()) {
        return Some(text);
    }
    let digit = |letter: &char| "零一二三四五六七八九".chars().position(|known| known == *letter);
    let value = match letters {
        ['十'] => 10,
        ['十', one] => 10 + digit(one)?,
        [ten, '十'] => digit(ten)? * 10,
        [ten, '十', one] => digit(ten)? * 10 + digit(one)?,
        [one] => digit(one)?,
        _ => return None,
    };
    Some(value.to_string())
}

fn numeral(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "零一二三四五六七八九十".contains(letter)
}

fn begins(letters: &[char], word: &str) -> bool {
    let mut at = 0;
    word.chars().all(|letter| {
        let same = letters.get(at) == Some(&letter);
        at += 1;
        same
    })
}

fn cover(covered: &mut [bool], from: usize, to: usize) {
    for one in covered.iter_mut().take(to).skip(from) {
        *one = true;
    }
}

/// The places in a folded text, and which of its characters they cover.
pub fn places(letters: &[char]) -> (Places, Vec<bool>) {
    let mut places = Vec::new();
    let mut covered = vec![false; letters.len()];
    let mut at = 0;
    while at < letters.len() {
        let rest = letters.get(at..).unwrap_or_default();
        // 负一层, 地下二层, B2: a floor below the ground.
        let below = ["地下", "负", "b"].iter().find(|word| begins(rest, word));
        if let Some(word) = below {
            let from = at + word.chars().count();
            let to = (from..letters.len())
                .find(|place| !letters.get(*place).is_some_and(|letter| numeral(*letter)))
                .unwrap_or(letters.len());
            let alone = at == 0 || !letters.get(at - 1).is_some_and(char::is_ascii_alphanumeric);
            if let Some(level) = number(letters.get(from..to).unwrap_or_default()).filter(|level| {
                alone && to > from && level.len() <= 2 && level.chars().all(|one| one.is_ascii_digit())
            }) {
                places.push(Place::Numbered('层', format!("b{level}")));
                cover(&mut covered, at, to + usize::from(letters.get(to) == Some(&'层')));
                at = to;
                continue;
            }
        }
        if letters.get(at).is_some_and(|letter| numeral(*letter)) {
            let to = (at..letters.len())
                .find(|place| !letters.get(*place).is_some_and(|letter| numeral(*letter)))
                .unwrap_or(letters.len());
            let after = letters.get(to..).unwrap_or_default();
            let known = NUMBERED.iter().find(|(word, _)| begins(after, word));
            if let (Some((word, kind)), Some(number)) =
                (known, number(letters.get(at..to).unwrap_or_default()))
            {
                places.push(Place::Numbered(*kind, number));
                cover(&mut covered, at, to + word.chars().count());
                at = to + word.chars().count();
                continue;
            }
            at = to;
            continue;
        }
        if let Some(word) = NAMED.iter().find(|word| begins(rest, word)) {
            // The name goes back to where another place ends, or something that is no name.
            let mut from = at;
            while at - from < 3
                && from > 0
                && !covered.get(from - 1).copied().unwrap_or(true)
                && letters
                    .get(from - 1)
                    .is_some_and(|letter| letter.is_alphanumeric() && !NOT_A_NAME.contains(*letter))
            {
                from -= 1;
            }
            let length = word.chars().count();
            let gate = word.ends_with('门');
            if gate || at - from >= 2 {
                let name: String = letters.get(from..at).unwrap_or_default().iter().collect();
                cover(&mut covered, if gate { at } else { from }, at + length);
                places.push(Place::Named(if gate { String::new() } else { name }, word));
            }
            at += length;
            continue;
        }
        at += 1;
    }
    places.sort();
    places.dedup();
    (places, covered)
}

/// How the places of two texts stand to each other: how many agree, how many speak against each other.
pub fn compared(one: &Places, other: &Places) -> (u32, u32) {
    let (mut agree, mut against) = (0, 0);
    for place in one {
        let mut same = false;
        let mut unlike = false;
        for known in other {
            match (place, known) {
                (Place::Numbered(kind, number), Place::Numbered(other_kind, other_number))
                    if kind == other_kind =>
                {
                    same |= number == other_number;
                    unlike |= number != other_number;
                }
                (Place::Named(name, word), Place::Named(other_name, other_word)) => {
                    if word == other_word {
                        let equal = named_alike(name, other_name);
                        same |= equal;
                        unlike |= !equal;
                    } else if word.ends_with('门') && other_word.ends_with('门') {
                        unlike = true;
                    }
                }
                _ => {}
            }
        }
        agree += u32::from(same);
        against += u32::from(unlike && !same);
    }
    (agree, against)
}

/// Whether two names end alike, so that what happened to stand before one of them does not count.
fn named_alike(one: &str, other: &str) -> bool {
    let common = one
        .chars()
        .rev()
        .zip(other.chars().rev())
        .take_while(|(one, other)| one == other)
        .count();
    common >= 2 || one == other
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::folded;

    fn of(text: &str) -> Places {
        let letters: Vec<char> = folded(text).chars().collect();
        places(&letters).0
    }

    #[test]
    fn cmp_2_places_are_read_however_they_are_written() {
        assert_eq!(of("三栋二单元"), of("3号楼2单元"));
        assert_eq!(of("负二层"), of("Ｂ２"));
        assert_eq!(of("地下二层"), of("B2层"));
        assert!(of("锦云花园").contains(&Place::Named("锦云".into(), "花园")));
        assert!(of("十二栋").contains(&Place::Numbered('栋', "12".into())));
    }

    #[test]
    fn cmp_2_another_building_speaks_against() {
        assert_eq!(compared(&of("3栋2单元"), &of("3栋1单元")), (1, 1));
        assert_eq!(compared(&of("我住锦云花园"), &of("锦云花园B2")), (1, 0));
        assert_eq!(compared(&of("锦云花园"), &of("翠湖花园")), (0, 1));
        assert_eq!(compared(&of("电梯坏了"), &of("3栋")), (0, 0));
    }
}
