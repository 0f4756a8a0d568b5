//! What a row is to become, or everything that is wrong with it: pure.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use calendar::{Calendar, Date, Moment, Time};
use regulation::model::{FieldKind, Procedure};
use regulation::{FieldValue, Fields, Id, Organisation, Pack, Said};

use super::fields::{Field, Kind, fields};
use super::record::{Fault, Wish};
use crate::centre::Surroundings;
use crate::customers::{NewRecord, digits, masked};
use crate::organisation::{Held, PersonRecord, UnitRecord};

/// What a row becomes.
#[derive(Clone, Debug)]
pub enum Planned {
    /// A unit; the key of the one above it is looked up when it is made, since it may stand in the same file.
    Unit(UnitRecord, Option<String>),
    /// A person.
    Person(Box<PersonRecord>),
    /// A customer.
    Customer(NewRecord),
    /// A case.
    Case(Box<PlannedCase>),
}

/// A case of a row.
#[derive(Clone, Debug)]
pub struct PlannedCase {
    pub received: Moment,
    pub channel: String,
    pub unit: Id,
    /// The customer's key in its own import.
    pub customer: Option<String>,
    pub input: Fields,
    /// When and with what it ended.
    pub end: Option<(Moment, Fields)>,
}

/// Everything that rows are read by.
pub struct Reading {
    pub around: Surroundings,
    pub kind: Kind,
    pub fields: Vec<Field>,
    pub pack: Option<Arc<Pack>>,
    pub procedure: Option<Arc<Procedure>>,
    pub action: Option<String>,
    /// Which field each column holds.
    columns: Vec<Option<usize>>,
    headers: Vec<String>,
    now: Moment,
    /// Lines on which units, sources and log-ins stood.
    seen: HashMap<String, i64>,
}

fn said(zh: impl Into<String>, en: impl Into<String>) -> Said {
    Said {
        zh: zh.into(),
        en: en.into(),
    }
}

impl Reading {
    /// Prepares to read, or says what of the wish cannot be.
    pub fn of(
        around: Surroundings,
        kind: Kind,
        headers: &[String],
        wish: &Wish,
        now: Moment,
    ) -> Result<Reading, Vec<(String, Said)>> {
        let mut wrong = Vec::new();
        let pack = wish
            .pack
            .as_deref()
            .and_then(|name| around.packs.in_force_anywhere(name));
        let procedure = pack
            .as_ref()
            .and_then(|pack| pack.procedure(wish.procedure.as_deref()?))
            .cloned();
        if kind.is_of_cases() {
            if pack.is_none() {
                wrong.push((
                    "pack".to_owned(),
                    said("请选一套已启用的规程。", "Name a pack that is in force."),
                ));
            } else if procedure.is_none() {
                wrong.push((
                    "procedure".to_owned(),
                    said("请选这套规程中的一种事项。", "Name a procedure of that pack."),
                ));
            }
        }
        let action = wish.action.clone().filter(|_| kind == Kind::History);
        if let Some(procedure) = procedure.as_deref().filter(|_| kind == Kind::History)
            && action.as_deref().and_then(|key| procedure.action(key)).is_none()
        {
            wrong.push((
                "action".to_owned(),
                said(
                    "请选办结时所做的动作。",
                    "Name the action by which each case ended.",
                ),
            ));
        }
        let fields = fields(kind, procedure.as_deref(), action.as_deref());
        let mut columns = vec![None; headers.len()];
        for (header, key) in &wish.columns {
            let column = headers.iter().position(|known| known == header);
            let field = fields.iter().position(|field| field.key == *key);
            match (column, field) {
                (Some(column), Some(field)) => {
                    if columns.contains(&Some(field)) {
                        wrong.push((
                            format!("columns.{header}"),
                            said("这一项已对应另一列。", "Another column holds this already."),
                        ));
                    } else if let Some(place) = columns.get_mut(column) {
                        *place = Some(field);
                    }
                }
                (None, _) => wrong.push((
                    format!("columns.{header}"),
                    said("文件里没有这一列。", "The file has no such column."),
                )),
                (_, None) => wrong.push((
                    format!("columns.{header}"),
                    said(
                        format!("没有“{key}”这一项。"),
                        format!("There is no field \"{key}\" here."),
                    ),
                )),
            }
        }
        for (index, field) in fields.iter().enumerate() {
            if field.required && !columns.contains(&Some(index)) {
                wrong.push((
                    "columns".to_owned(),
                    said(
                        format!("请指定哪一列是“{}”。", field.zh),
                        format!("Say which column holds \"{}\".", field.en),
                    ),
                ));
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Reading {
            around,
            kind,
            fields,
            pack,
            procedure,
            action,
            columns,
            headers: headers.to_vec(),
            now,
            seen: HashMap::new(),
        })
    }

    /// What a row becomes, with its key in the source; or its faults.
    pub fn row(&mut self, line: i64, cells: &[String]) -> Result<(String, Planned), Vec<Fault>> {
        let held: BTreeMap<&str, &str> = self
            .columns
            .iter()
            .zip(cells)
            .filter_map(|(field, cell)| {
                let field = self.fields.get((*field)?)?;
                (!cell.is_empty()).then_some((field.key.as_str(), cell.as_str()))
            })
            .collect();
        let mut wrong: Vec<(String, Said)> = Vec::new();
        for field in self.fields.iter().filter(|field| field.required) {
            if !held.contains_key(field.key.as_str()) {
                wrong.push((
                    field.key.clone(),
                    said(
                        format!("缺“{}”，请补上。", field.zh),
                        format!("\"{}\" is missing: fill it in.", field.en),
                    ),
                ));
            }
        }
        let source = self.source(&held);
        if !source.is_empty()
            && let Some(first) = self.seen.get(&source)
        {
            wrong.push((
                self.source_field().to_owned(),
                said(
                    format!("与第{first}行重复。每行要有自己的编号。"),
                    format!("The same as on line {first}. Give each row its own."),
                ),
            ));
        }
        let planned = match self.kind {
            Kind::Units => self.unit(&held, &mut wrong),
            Kind::Staff => self.person(&held, &mut wrong),
            Kind::Customers => customer(&held, &mut wrong),
            Kind::Cases | Kind::History => self.case(&held, &mut wrong),
        };
        match planned {
            Some(planned) if wrong.is_empty() => {
                self.seen.insert(source.clone(), line);
                Ok((source, planned))
            }
            _ => Err(wrong
                .into_iter()
                .map(|(key, say)| self.fault(line, cells, &key, say))
                .collect()),
        }
    }

    fn source_field(&self) -> &'static str {
        match self.kind {
            Kind::Units => "key",
            Kind::Staff => "login",
            _ => "source",
        }
    }

    fn source(&self, held: &BTreeMap<&str, &str>) -> String {
        let source = held.get(self.source_field()).copied().unwrap_or_default();
        match self.kind {
            Kind::Staff => source.to_lowercase(),
            _ => source.to_owned(),
        }
    }

    /// A fault of a cell, with what stands there, masked where it is personal.
    pub fn fault(&self, line: i64, cells: &[String], key: &str, say: Said) -> Fault {
        let field = self.fields.iter().position(|field| field.key == key);
        let column = field.and_then(|field| self.columns.iter().position(|held| *held == Some(field)));
        let value = column
            .and_then(|column| cells.get(column))
            .map_or("", String::as_str);
        let personal = field
            .and_then(|field| self.fields.get(field))
            .is_none_or(|field| field.personal);
        let title = field
            .and_then(|field| self.fields.get(field))
            .map_or(key, |field| &field.zh);
        Fault {
            line,
            header: column
                .and_then(|column| self.headers.get(column))
                .map_or_else(|| title.to_owned(), Clone::clone),
            value: if personal { hidden(value) } else { short(value) },
            say,
        }
    }

    fn unit(&self, held: &BTreeMap<&str, &str>, wrong: &mut Vec<(String, Said)>) -> Option<Planned> {
        let key = held.get("key").copied().unwrap_or_default();
        if !key
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.'))
        {
            wrong.push((
                "key".to_owned(),
                said(
                    "代码只能用英文字母、数字和 _ - .",
                    "A key has ASCII letters, digits and _ - . only.",
                ),
            ));
        }
        let above = held.get("above").copied();
        if let Some(above) = above
            && self.around.picture.unit_by_key(above).is_none()
            && !self.seen.contains_key(above)
        {
            wrong.push((
                "above".to_owned(),
                said(
                    "没有这个上级部门。请把它放在前面的行，或先建立。",
                    "There is no such unit above. Put it on an earlier row, or make it first.",
                ),
            ));
        }
        let record = UnitRecord {
            key: key.to_owned(),
            name: (*held.get("name")?).to_owned(),
            parent: None,
            calendar: held.get("calendar").copied().unwrap_or("default").to_owned(),
        };
        Some(Planned::Unit(record, above.map(str::to_owned)))
    }

    fn person(&self, held: &BTreeMap<&str, &str>, wrong: &mut Vec<(String, Said)>) -> Option<Planned> {
        let language = held.get("language").copied().unwrap_or("zh");
        if !matches!(language, "zh" | "en") {
            wrong.push((
                "language".to_owned(),
                said("语言写zh或en。", "Write zh or en for the language."),
            ));
        }
        let mut functions = Vec::new();
        let listed = held.get("functions").copied().unwrap_or_default();
        for text in listed
            .split([';', '；', '、', ',', '，'])
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            let known = text.split_once('@').and_then(|(function, unit)| {
                let function = function.trim();
                self.around.packs.function(function)?;
                Some((
                    function.to_owned(),
                    self.around.picture.unit_by_key(unit.trim())?.id,
                ))
            });
            match known {
                Some((function, unit)) => functions.push(Held {
                    function,
                    unit,
                    since: self.now,
                    until: Moment::from_millis(i64::MAX),
                    on_behalf_of: None,
                }),
                None => wrong.push((
                    "functions".to_owned(),
                    said(
                        format!("“{text}”应写成 职能@部门代码，两者都要已有。"),
                        format!("\"{text}\" must be function@unit-key, both known."),
                    ),
                )),
            }
        }
        Some(Planned::Person(Box::new(PersonRecord {
            login: (*held.get("login")?).to_owned(),
            name: (*held.get("name")?).to_owned(),
            active: true,
            language: language.to_owned(),
            demo: false,
            held: functions,
            certificates: Vec::new(),
        })))
    }

    fn case(&self, held: &BTreeMap<&str, &str>, wrong: &mut Vec<(String, Said)>) -> Option<Planned> {
        let procedure = self.procedure.clone()?;
        let pack = self.pack.clone()?;
        let unit = held.get("unit").and_then(|key| self.unit_named(key));
        if unit.is_none() && held.contains_key("unit") {
            wrong.push((
                "unit".to_owned(),
                said(
                    "没有这个部门。请写部门代码。",
                    "There is no such unit. Give its key.",
                ),
            ));
        }
        let calendar = self.around.picture.calendar(&pack, unit);
        let mut time = |key: &str| {
            let text = held.get(key)?;
            let at = moment(calendar, text).filter(|at| *at <= self.now);
            if at.is_none() {
                wrong.push((
                    key.to_owned(),
                    said(
                        "时间写成2026-11-20 13:41，不能晚于现在。",
                        "Write the time as 2026-11-20 13:41, not later than now.",
                    ),
                ));
            }
            at
        };
        let (received, ended) = (time("received"), time("ended"));
        if let (Some(received), Some(ended)) = (received, ended)
            && ended < received
        {
            wrong.push((
                "ended".to_owned(),
                said("办结早于受理。", "It ended before it was received."),
            ));
        }
        let input = self.form("field", &procedure.intake_fields, held, calendar, wrong);
        let action = self.action.as_deref().and_then(|key| procedure.action(key));
        let end = action.map(|action| self.form("end", &action.ask, held, calendar, wrong));
        Some(Planned::Case(Box::new(PlannedCase {
            received: received?,
            channel: held.get("channel").copied().unwrap_or("phone").to_owned(),
            unit: unit?,
            customer: held.get("customer").map(|key| (*key).to_owned()),
            input,
            end: ended.zip(end),
        })))
    }

    fn unit_named(&self, text: &str) -> Option<Id> {
        let picture = &self.around.picture;
        let by_key = picture.unit_by_key(text).map(|unit| unit.id);
        by_key.or_else(|| {
            let mut named = picture.units.values().filter(|unit| unit.name == text);
            // A name that two units bear names neither.
            let only = named.next()?.id;
            named.next().is_none().then_some(only)
        })
    }

    fn person_named(&self, text: &str) -> Option<Id> {
        let people = &self.around.picture.people;
        let by_login = people
            .values()
            .find(|person| person.login == text.to_lowercase())
            .map(|person| person.id);
        by_login.or_else(|| {
            let mut named = people.values().filter(|person| person.name == text);
            let only = named.next()?.id;
            named.next().is_none().then_some(only)
        })
    }

    fn form(
        &self,
        prefix: &str,
        form: &[regulation::model::Field],
        held: &BTreeMap<&str, &str>,
        calendar: &Calendar,
        wrong: &mut Vec<(String, Said)>,
    ) -> Fields {
        let mut input = Fields::new();
        for field in form {
            let key = format!("{prefix}.{}", field.key);
            let Some(text) = held.get(key.as_str()).copied() else {
                continue;
            };
            match self.value(&field.kind, text, calendar) {
                Ok(value) => drop(input.insert(field.key.clone(), value)),
                Err(say) => wrong.push((key, say)),
            }
        }
        input
    }

    fn value(&self, kind: &FieldKind, text: &str, calendar: &Calendar) -> Result<FieldValue, Said> {
        let id = |found: Option<Id>, zh: &str, en: &str| {
            found
                .map(|id| FieldValue::Text(id.to_string()))
                .ok_or_else(|| said(zh, en))
        };
        match kind {
            FieldKind::Choice(options) => options
                .iter()
                .find(|(key, title)| key == text || title.zh == text || title.en == text)
                .map(|(key, _)| FieldValue::Text(key.clone()))
                .ok_or_else(|| {
                    let known: Vec<&str> = options.iter().map(|(_, title)| title.zh.as_str()).collect();
                    let keys: Vec<&str> = options.iter().map(|(_, title)| title.en.as_str()).collect();
                    said(
                        format!("只能是：{}。", known.join("、")),
                        format!("One of: {}.", keys.join(", ")),
                    )
                }),
            FieldKind::Number { .. } => text
                .parse()
                .map(FieldValue::Number)
                .map_err(|_| said("应为整数。", "A whole number is wanted.")),
            FieldKind::Money => fen(text)
                .map(FieldValue::Number)
                .ok_or_else(|| said("金额写成12.50。", "Write money as 12.50.")),
            FieldKind::Flag => match text.to_lowercase().as_str() {
                "是" | "有" | "1" | "y" | "yes" | "true" | "√" => Ok(FieldValue::Flag(true)),
                "否" | "无" | "0" | "n" | "no" | "false" | "×" => Ok(FieldValue::Flag(false)),
                _ => Err(said("写是或否。", "Write yes or no.")),
            },
            FieldKind::Time { .. } => moment(calendar, text)
                .map(|at| FieldValue::Number(at.as_millis()))
                .ok_or_else(|| {
                    said(
                        "时间写成2026-11-20 13:41。",
                        "Write the time as 2026-11-20 13:41.",
                    )
                }),
            FieldKind::Date => day(text)
                .map(|day| FieldValue::Text(day.to_string()))
                .ok_or_else(|| said("日期写成2026-11-20。", "Write the day as 2026-11-20.")),
            FieldKind::Unit => id(
                self.unit_named(text),
                "没有这个部门，或有同名的：请写部门代码。",
                "No such unit, or several of that name: give its key.",
            ),
            FieldKind::Person => id(
                self.person_named(text),
                "没有这个人，或有同名的：请写登录名。",
                "No such person, or several of that name: give the login.",
            ),
            FieldKind::Phone => Ok(FieldValue::Text(digits(text))),
            _ => Ok(FieldValue::Text(text.to_owned())),
        }
    }
}

fn customer(held: &BTreeMap<&str, &str>, wrong: &mut Vec<(String, Said)>) -> Option<Planned> {
    let listed = held.get("phones").copied().unwrap_or_default();
    let phones: Vec<String> = listed
        .split([';', '；', '、', ',', '，', '/', '\n'])
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .collect();
    for phone in &phones {
        let count = digits(phone).trim_start_matches('+').len();
        if !(3..=20).contains(&count) {
            wrong.push((
                "phones".to_owned(),
                said(
                    "电话号码应有3至20位数字，几个号码之间用分号。",
                    "A number has 3 to 20 digits; put semicolons between several.",
                ),
            ));
            break;
        }
    }
    for (key, longest) in [("source", 100), ("name", 100), ("premises", 500), ("notes", 2000)] {
        if held.get(key).is_some_and(|text| text.chars().count() > longest) {
            wrong.push((
                key.to_owned(),
                said(
                    format!("最多{longest}个字。"),
                    format!("At most {longest} characters."),
                ),
            ));
        }
    }
    let text = |key: &str| held.get(key).copied().unwrap_or_default().to_owned();
    Some(Planned::Customer(NewRecord {
        name: (*held.get("name")?).to_owned(),
        premises: text("premises"),
        notes: text("notes"),
        phones,
    }))
}

/// `2026-11-20`, `2026/11/20`, `2026年11月20日`, `20261120`.
fn day(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text
        .split(['-', '/', '.', '年', '月', '日'])
        .filter(|part| !part.is_empty())
        .collect();
    let (year, month, day) = match parts.as_slice() {
        [year, month, day] => (*year, *month, *day),
        [packed] if packed.len() == 8 && packed.is_ascii() => (&packed[..4], &packed[4..6], &packed[6..]),
        _ => return None,
    };
    if year.len() != 4 {
        return None;
    }
    format!("{year}-{:0>2}-{:0>2}", month.trim(), day.trim())
        .parse()
        .ok()
}

/// A day with a time; at midnight where there is none.
fn moment(calendar: &Calendar, text: &str) -> Option<Moment> {
    let text = text.trim();
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let parts: Vec<&str> = time.trim().split(':').collect();
    let time = match parts.as_slice() {
        [hour, minute] => format!("{hour:0>2}:{minute:0>2}:00"),
        [hour, minute, second] => format!("{hour:0>2}:{minute:0>2}:{second:0>2}"),
        _ => return None,
    };
    let time: Time = time.parse().ok()?;
    Some(calendar.moment_of(day(date)?, time))
}

/// Money in fen, without any rounding.
fn fen(text: &str) -> Option<i64> {
    let text = text
        .trim_start_matches(['¥', '￥'])
        .trim_end_matches('元')
        .replace([',', '，'], "");
    let (yuan, rest) = text.split_once('.').unwrap_or((&text, ""));
    if rest.len() > 2 || !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let negative = yuan.starts_with('-');
    let yuan: i64 = yuan.parse().ok()?;
    let cents: i64 = format!("{rest:0<2}").parse().ok()?;
    let cents = if negative { -cents } else { cents };
    yuan.checked_mul(100)?.checked_add(cents)
}

/// Enough of something personal to find the row by, and no more.
fn hidden(text: &str) -> String {
    if digits(text).len() >= 5 {
        return masked(&digits(text));
    }
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{first}{}", "*".repeat(letters.count().min(8))),
        None => String::new(),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_money_are_read_as_people_write_them() {
        for text in [
            "2026-11-05",
            "2026/11/5",
            "2026年11月5日",
            "20261105",
            "2026.11.05",
        ] {
            assert_eq!(day(text).unwrap().to_string(), "2026-11-05", "{text}");
        }
        for text in ["05/11/2026", "2026-13-01", "gestern", "", "２０２６"] {
            assert_eq!(day(text), None, "{text}");
        }
        assert_eq!(fen("12.5"), Some(1250));
        assert_eq!(fen("¥1,234.05元"), Some(123_405));
        assert_eq!(fen("-0.5"), Some(-50));
        assert_eq!(fen("1.234"), None);
    }

    #[test]
    fn what_is_personal_is_shown_masked() {
        assert_eq!(hidden("13800136021"), "138****6021");
        assert_eq!(hidden("王小姐"), "王**");
        assert_eq!(hidden(""), "");
    }
}
