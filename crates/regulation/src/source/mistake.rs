//! Mistakes in a pack: what is wrong, where, and how to mend it, in both languages.

use std::cell::RefCell;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Place;

/// A language in which the product speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// One thing said in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Said {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Said {
    /// Both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Said {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// In one language.
    pub fn told(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }
}

/// One mistake. Reason and remedy are sentences without a final stop in English; [`Mistake::told`] joins them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub reason: Said,
    /// What to do.
    pub remedy: Said,
    /// A stable name of this kind of mistake, such as `yaml.tab`.
    pub code: &'static str,
}

impl Mistake {
    /// A mistake.
    pub fn new(place: Place, code: &'static str, reason: Said, remedy: Said) -> Self {
        Mistake {
            place,
            reason,
            remedy,
            code,
        }
    }

    /// `file:line:column: reason. remedy.` in one language.
    pub fn told(&self, language: Language) -> String {
        let (reason, remedy) = (self.reason.told(language), self.remedy.told(language));
        match language {
            Language::Zh => format!("{}: {reason}。{}", self.place, ended(remedy, '。')),
            Language::En => format!("{}: {reason}. {}", self.place, ended(remedy, '.')),
        }
    }
}

fn ended(text: &str, stop: char) -> String {
    if text.is_empty() || text.ends_with(['.', '。', '?', '？']) {
        text.to_owned()
    } else {
        format!("{text}{stop}")
    }
}

/// In English.
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(Language::En))
    }
}

/// Collects mistakes while everything is read on. Shared by `&`, so that nested readers can all note into it.
#[derive(Debug, Default)]
pub struct Mistakes {
    all: RefCell<Vec<Mistake>>,
}

impl Mistakes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes one.
    pub fn push(&self, mistake: Mistake) {
        self.all.borrow_mut().push(mistake);
    }

    /// Notes one from its parts: place, code, reason (zh, en), remedy (zh, en).
    pub fn note(
        &self,
        place: &Place,
        code: &'static str,
        reason: (impl Into<String>, impl Into<String>),
        remedy: (impl Into<String>, impl Into<String>),
    ) {
        let (reason, remedy) = (Said::new(reason.0, reason.1), Said::new(remedy.0, remedy.1));
        self.push(Mistake::new(place.clone(), code, reason, remedy));
    }

    /// Notes several.
    pub fn extend(&self, mistakes: impl IntoIterator<Item = Mistake>) {
        self.all.borrow_mut().extend(mistakes);
    }

    /// Takes the value, or notes the mistakes.
    pub fn take<T>(&self, result: Result<T, Vec<Mistake>>) -> Option<T> {
        result.map_err(|mistakes| self.extend(mistakes)).ok()
    }

    /// How many so far.
    pub fn len(&self) -> usize {
        self.all.borrow().len()
    }

    /// Whether there are none so far.
    pub fn is_empty(&self) -> bool {
        self.all.borrow().is_empty()
    }

    /// All of them by file, line and column; the same mistake at the same place only once.
    pub fn into_sorted(self) -> Vec<Mistake> {
        let mut all = self.all.into_inner();
        all.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.code.cmp(b.code)));
        all.dedup();
        all
    }
}
