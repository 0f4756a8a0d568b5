//! Reads a map key by key and reports what is missing, of the wrong kind, or asked for by nobody.

use super::{Key, Kind, Mistakes, Node, Place, Said, nearest};

/// Reads one map. Methods named after a kind give `None` (or a default) when the key is absent; those beginning with
/// `need_` report an absent key. Every mistake is noted and reading goes on. End with [`Reader::finish`], which reports
/// the keys that were not asked for; leave it out to let them pass.
#[derive(Debug)]
pub struct Reader<'a> {
    place: &'a Place,
    entries: &'a [(Key, Node)],
    used: Vec<bool>,
    asked: Vec<String>,
    mistakes: &'a Mistakes,
}

impl<'a> Reader<'a> {
    /// Reads this map; notes a mistake if it is none.
    pub fn over(node: &'a Node, mistakes: &'a Mistakes) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            node.entries(mistakes);
            return None;
        };
        let used = vec![false; entries.len()];
        Some(Reader {
            place: &node.place,
            entries,
            used,
            asked: Vec::new(),
            mistakes,
        })
    }

    /// Where the map begins.
    pub fn place(&self) -> &'a Place {
        self.place
    }

    /// Where mistakes go.
    pub fn mistakes(&self) -> &'a Mistakes {
        self.mistakes
    }

    /// Whether the key stands there; does not count as asking for it.
    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(k, _)| k.text == key)
    }

    /// The value of a key, if it stands there and is not empty.
    pub fn node(&mut self, key: &str) -> Option<&'a Node> {
        self.key_and_node(key).map(|(_, node)| node)
    }

    /// The value of a key with the key's own place.
    pub fn key_and_node(&mut self, key: &str) -> Option<(&'a Key, &'a Node)> {
        if !self.asked.iter().any(|asked| asked == key) {
            self.asked.push(key.to_owned());
        }
        let index = self.entries.iter().position(|(k, _)| k.text == key)?;
        self.used[index] = true;
        let (key, node) = &self.entries[index];
        (node.kind != Kind::Empty).then_some((key, node))
    }

    /// The value of a key that must stand there.
    pub fn need(&mut self, key: &str) -> Option<&'a Node> {
        let found = self.node(key);
        if found.is_none() {
            let place = self
                .entries
                .iter()
                .find(|(k, _)| k.text == key)
                .map_or(self.place, |(k, _)| &k.place);
            // A key that is nearly this one is reported as unknown; saying that this one is missing helps to see why.
            let reason = (format!("缺少“{key}”"), format!("\"{key}\" is missing"));
            let remedy = (format!("请补上 {key}: …"), format!("Add `{key}: …`"));
            self.mistakes.note(place, "key.missing", reason, remedy);
        }
        found
    }

    /// Text.
    pub fn text(&mut self, key: &str) -> Option<&'a str> {
        self.node(key)?.text(self.mistakes)
    }

    /// Text that must be given.
    pub fn need_text(&mut self, key: &str) -> Option<&'a str> {
        self.need(key)?.text(self.mistakes)
    }

    /// `yes` or `no`; `default` if absent.
    pub fn flag(&mut self, key: &str, default: bool) -> bool {
        self.node(key)
            .and_then(|node| node.flag(self.mistakes))
            .unwrap_or(default)
    }

    /// A whole number.
    pub fn whole(&mut self, key: &str) -> Option<i64> {
        self.node(key)?.whole(self.mistakes)
    }

    /// A whole number that must be given.
    pub fn need_whole(&mut self, key: &str) -> Option<i64> {
        self.need(key)?.whole(self.mistakes)
    }

    /// A count from 0 to `u32::MAX`, such as `at_most` or `rank`.
    pub fn count(&mut self, key: &str) -> Option<u32> {
        let node = self.node(key)?;
        let number = node.whole(self.mistakes)?;
        let count = u32::try_from(number).ok();
        if count.is_none() {
            node.expected(self.mistakes, "0 或更大的整数", "a whole number from 0");
        }
        count
    }

    /// Words in both languages.
    pub fn said(&mut self, key: &str) -> Option<Said> {
        self.node(key)?.said(self.mistakes)
    }

    /// Words in both languages that must be given.
    pub fn need_said(&mut self, key: &str) -> Option<Said> {
        self.need(key)?.said(self.mistakes)
    }

    /// The keys `zh` and `en` of this very map, as in `closed: { zh: 已办结, en: Closed, end: true }`; both must be given.
    pub fn said_here(&mut self) -> Option<Said> {
        let (zh, en) = (
            self.language("zh", "中文", "Chinese"),
            self.language("en", "英文", "English"),
        );
        Some(Said::new(zh?, en?))
    }

    fn language(&mut self, key: &str, zh: &str, en: &str) -> Option<&'a str> {
        let text = match self.node(key) {
            Some(node) => node.text(self.mistakes)?,
            None => "",
        };
        if text.trim().is_empty() {
            let reason = (format!("缺少{zh}文字"), format!("The words in {en} are missing"));
            let remedy = (format!("请补上 {key}: …"), format!("Add `{key}: …`"));
            self.mistakes.note(self.place, "label.language", reason, remedy);
            return None;
        }
        Some(text)
    }

    /// One value or a list of them; empty if absent.
    pub fn one_or_many(&mut self, key: &str) -> &'a [Node] {
        self.node(key).map_or(&[], Node::one_or_many)
    }

    /// Texts, one or a list of them; empty if absent.
    pub fn texts(&mut self, key: &str) -> Vec<&'a str> {
        self.one_or_many(key)
            .iter()
            .filter_map(|node| node.text(self.mistakes))
            .collect()
    }

    /// A list; empty if absent.
    pub fn list(&mut self, key: &str) -> &'a [Node] {
        self.node(key).map_or(&[], |node| node.list(self.mistakes))
    }

    /// Keys and values of a map in order; empty if absent.
    pub fn entries(&mut self, key: &str) -> &'a [(Key, Node)] {
        self.node(key).map_or(&[], |node| node.entries(self.mistakes))
    }

    /// A reader over the map under this key.
    pub fn reader(&mut self, key: &str) -> Option<Reader<'a>> {
        let node = self.node(key)?;
        Reader::over(node, self.mistakes)
    }

    /// One word out of a closed set; another word is reported with the nearest one.
    pub fn choice<T: Clone>(&mut self, key: &str, words: &[(&str, T)]) -> Option<T> {
        let node = self.node(key)?;
        let word = node.text(self.mistakes)?;
        let found = words
            .iter()
            .find(|(known, _)| *known == word)
            .map(|(_, meaning)| meaning.clone());
        if found.is_none() {
            unknown(
                self.mistakes,
                &node.place,
                "word.unknown",
                word,
                words.iter().map(|(known, _)| *known),
            );
        }
        found
    }

    /// All keys and values, for maps whose keys are names; they count as asked for.
    pub fn all(&mut self) -> &'a [(Key, Node)] {
        self.used.fill(true);
        self.entries
    }

    /// Reports every key that nobody asked for, with the nearest one that was.
    pub fn finish(self) {
        for ((key, _), used) in self.entries.iter().zip(&self.used) {
            if !used {
                let known = self.asked.iter().map(String::as_str);
                unknown(self.mistakes, &key.place, "key.unknown", &key.text, known);
            }
        }
    }
}

/// Notes that a name is not known here, with the nearest known one, or all of them if they are few.
pub(super) fn unknown<'k>(
    mistakes: &Mistakes,
    place: &Place,
    code: &'static str,
    word: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) {
    let shown: String = word.chars().take(40).collect();
    let (mut zh, mut en) = match nearest(word, known.clone()) {
        Some(near) => (
            format!("是否应为“{near}”？"),
            format!("Did you mean \"{near}\"? "),
        ),
        None => (String::new(), String::new()),
    };
    let all: Vec<&str> = known.collect();
    if all.is_empty() {
        zh.push_str("请删去");
        en.push_str("Remove it");
    } else {
        zh.push_str(&format!("此处可用：{}", all.join("、")));
        en.push_str(&format!("Known here: {}", all.join(", ")));
    }
    let reason = (
        format!("此处没有“{shown}”"),
        format!("Nothing is called \"{shown}\" here"),
    );
    mistakes.note(place, code, reason, (zh, en));
}

impl Mistakes {
    /// Notes an unknown name with the nearest known one and the whole choice: for names that a loader looks up itself.
    pub fn unknown<'k>(
        &self,
        place: &Place,
        code: &'static str,
        word: &str,
        known: impl Iterator<Item = &'k str> + Clone,
    ) {
        unknown(self, place, code, word, known);
    }
}

#[cfg(test)]
mod tests;
