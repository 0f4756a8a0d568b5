//! Public holidays and make-up workdays, as facts of a notice.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::lang::Sentence;
use crate::{Date, Lang};

/// What a notice makes of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayKind {
    /// A public holiday.
    Off,
    /// A make-up workday.
    Work,
}

impl DayKind {
    /// The word of the data files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Work => "work",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Fact {
    kind: DayKind,
    name: String,
    name_zh: Option<String>,
}

/// The days that holiday notices take or give. Live data: a new notice makes a new value with another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holidays {
    facts: BTreeMap<Date, Fact>,
    years: BTreeSet<i16>,
    version: String,
}

static CHINA: LazyLock<Arc<Holidays>> = LazyLock::new(|| {
    // The file is part of the program and a test reads it: it cannot fail at a user's.
    Arc::new(Holidays::parse_csv(include_str!("../data/cn.csv")).unwrap_or_default())
});

impl Holidays {
    /// China's public holidays and make-up workdays, 2004 to 2026.
    pub fn china() -> Arc<Self> {
        Arc::clone(&CHINA)
    }

    /// Reads `date,kind,name` (and, if wanted, `name_zh`) with one line per day; kind is `off` or `work`.
    ///
    /// # Errors
    /// [`HolidayError`] with the first line that cannot be read, or names a day a second time.
    pub fn parse_csv(text: &str) -> Result<Self, HolidayError> {
        let mut lines = text
            .trim_start_matches('\u{feff}')
            .lines()
            .map(str::trim_end)
            .enumerate();
        let header = lines.next().map_or("", |(_, line)| line);
        let columns: Vec<&str> = header.split(',').map(str::trim).collect();
        let column = |name: &str| columns.iter().position(|have| *have == name);
        let (Some(date_at), Some(kind_at), Some(name_at)) = (column("date"), column("kind"), column("name"))
        else {
            return Err(HolidayError::new(
                1,
                format!("the first line is `{header}`; it must name the columns: date,kind,name"),
                format!("首行为“{header}”,应写明列名:date,kind,name"),
            ));
        };
        let name_zh_at = column("name_zh");
        let mut facts = BTreeMap::new();
        let mut seen: BTreeMap<Date, usize> = BTreeMap::new();
        for (index, line) in lines {
            let number = index + 1;
            if line.trim().is_empty() {
                continue;
            }
            let fields: Vec<&str> = line.split(',').map(str::trim).collect();
            if fields.len() != columns.len() {
                return Err(HolidayError::new(
                    number,
                    format!(
                        "{} fields where the first line names {}; names may hold no comma",
                        fields.len(),
                        columns.len()
                    ),
                    format!(
                        "此行有 {} 栏,首行有 {} 栏;名称中不能有逗号",
                        fields.len(),
                        columns.len()
                    ),
                ));
            }
            let date: Date = fields[date_at].parse().map_err(|_| {
                HolidayError::new(
                    number,
                    format!("`{}` is not a date; write it like 2027-01-01", fields[date_at]),
                    format!("“{}”不是日期,应写作 2027-01-01", fields[date_at]),
                )
            })?;
            let kind = match fields[kind_at] {
                "off" => DayKind::Off,
                "work" => DayKind::Work,
                other => {
                    return Err(HolidayError::new(
                        number,
                        format!(
                            "`{other}` is not a kind of day; write off (holiday) or work (make-up workday)"
                        ),
                        format!("“{other}”不是日期类别,应写 off(放假)或 work(调休上班)"),
                    ));
                }
            };
            if let Some(earlier) = seen.insert(date, number) {
                return Err(HolidayError::new(
                    number,
                    format!("{date} already stands on line {earlier}; keep one of the two"),
                    format!("{date} 已见第 {earlier} 行,请只保留一行"),
                ));
            }
            let name_zh = name_zh_at
                .map(|at| fields[at])
                .filter(|name| !name.is_empty())
                .map(str::to_owned);
            facts.insert(
                date,
                Fact {
                    kind,
                    name: fields[name_at].to_owned(),
                    name_zh,
                },
            );
        }
        Ok(Self::from_facts(facts))
    }

    fn from_facts(facts: BTreeMap<Date, Fact>) -> Self {
        // A notice reaches into the Decembers and Januaries beside its year, so a January alone proves nothing; and
        // every year has holidays after January.
        let years = facts
            .iter()
            .filter(|(date, fact)| fact.kind == DayKind::Off && (2..=11).contains(&date.month()));
        let years = years.map(|(date, _)| date.year()).collect();
        let mut hash = Sha256::new();
        for (date, fact) in &facts {
            // Names do not move a deadline and stay out of the version.
            hash.update(format!("{date} {}\n", fact.kind.word()));
        }
        Self {
            facts,
            years,
            version: short_hash(hash),
        }
    }

    /// Both sets of facts; where they differ on a day, `other` (the later notice) holds.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let mut facts = self.facts.clone();
        facts.extend(other.facts.iter().map(|(date, fact)| (*date, fact.clone())));
        Self::from_facts(facts)
    }

    /// What the notices make of a day, if they name it.
    pub fn kind(&self, date: Date) -> Option<DayKind> {
        self.facts.get(&date).map(|fact| fact.kind)
    }

    /// English name of the holiday a day belongs to, or is worked for.
    pub fn name(&self, date: Date) -> Option<&str> {
        self.facts.get(&date).map(|fact| fact.name.as_str())
    }

    /// The same in a language; English where the data give no Chinese.
    pub fn label(&self, date: Date, lang: Lang) -> Option<&str> {
        let fact = self.facts.get(&date)?;
        match (lang, &fact.name_zh) {
            (Lang::Zh, Some(name)) => Some(name),
            _ => Some(&fact.name),
        }
    }

    /// Whether the holidays of a year are known: some day between February and November is named as off.
    pub fn covers(&self, year: i16) -> bool {
        self.years.contains(&year)
    }

    /// The known years, in order.
    pub fn years(&self) -> impl Iterator<Item = i16> + '_ {
        self.years.iter().copied()
    }

    /// All named days, in order.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = (Date, DayKind)> + '_ {
        self.facts.iter().map(|(date, fact)| (*date, fact.kind))
    }

    /// Short hash of dates and kinds: equal where no deadline can differ.
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl Default for Holidays {
    fn default() -> Self {
        Self::from_facts(BTreeMap::new())
    }
}

/// The first twelve hex digits of a hash.
pub(crate) fn short_hash(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A line of a holiday file that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {}", .said.en)]
pub struct HolidayError {
    /// Line of the file, from 1.
    pub line: usize,
    said: Sentence,
}

impl HolidayError {
    fn new(line: usize, en: String, zh: String) -> Self {
        Self {
            line,
            said: Sentence::new(en, zh),
        }
    }

    /// What is wrong and how to write it, without the line.
    pub fn text(&self, lang: Lang) -> &str {
        self.said.text(lang)
    }
}
