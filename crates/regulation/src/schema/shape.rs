//! What may stand at a place of a file: the one description that reading, checking and the JSON Schemas share.

/// What may stand at one place.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Anything: what a test types into a field.
    Any,
    /// Any text.
    Text,
    /// An ASCII key: letters, digits, `_`, `-`; begins with a letter.
    Name,
    /// Text in both languages: `{ zh: …, en: … }`.
    Said,
    /// `yes` or `no`.
    Flag,
    /// A whole number that is not negative.
    Number,
    /// `75%`, `99.5%`.
    Percent,
    /// A length of time or a point in time: `2 workdays`, `15:00 same day`.
    Limit,
    /// `month`, `15 days`.
    Schedule,
    /// A condition or value in the expression language.
    Condition,
    /// A clause: its id, or pack and id.
    Clause,
    /// Who may act, sign or be told, in words.
    Who,
    /// What starts or stops a clock, in words.
    Trigger,
    /// `2026-11-19`.
    Date,
    /// `2026-11-19 10:05`, the pack's local time.
    DayTime,
    /// `09:00`.
    Clock,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A list.
    List(&'static Shape),
    /// One of it, or a list.
    OneOrMany(&'static Shape),
    /// A table whose keys are names chosen by the pack.
    Map(&'static Shape),
    /// A table whose keys are chosen by the pack and need not be ASCII names (clause ids, days, weekdays).
    Book(&'static Shape),
    /// A table with these keys.
    Table(&'static Table),
    /// Either of these; which one is seen by whether a text, a list or a table stands there.
    Either(&'static [Shape]),
}

/// A key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// Whether it must stand there.
    pub needed: bool,
    /// What stands behind it.
    pub shape: Shape,
    /// What it means, Chinese.
    pub zh: &'static str,
    /// What it means, English.
    pub en: &'static str,
}

/// A table with known keys.
#[derive(Debug)]
pub struct Table {
    /// Name among the schema's definitions.
    pub name: &'static str,
    /// What it is, Chinese.
    pub zh: &'static str,
    /// What it is, English.
    pub en: &'static str,
    /// Its keys in the order they are usually written.
    pub keys: &'static [Key],
}

/// A key that must stand there.
pub const fn must(name: &'static str, shape: Shape, zh: &'static str, en: &'static str) -> Key {
    Key {
        name,
        needed: true,
        shape,
        zh,
        en,
    }
}

/// A key that may be left out.
pub const fn may(name: &'static str, shape: Shape, zh: &'static str, en: &'static str) -> Key {
    Key {
        name,
        needed: false,
        shape,
        zh,
        en,
    }
}

impl Table {
    /// The key with this name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}
