//! Reading what is typed: one place for every form and every action.
//!
//! [`from_json`] gives each value its kind; [`check`] then asks what the conditions of the form say (asked at all,
//! required, given instead). Both report every problem at once, each with the field's path and how to mend it.

use std::borrow::Cow;

use calendar::{Date, Moment};

pub use super::json::from_json;
use super::scope::{Around, Truth, Typed};
use super::{FieldProblem, Mode};
use crate::Id;
use crate::case::{BODY, ENTRY, FieldValue, Fields, READ_BACK};
use crate::model::{Field, FieldKind, Given, Required};
use crate::source::{Said, nearest};

/// More rows than any paper form has.
pub const MOST_ROWS: usize = 200;
/// More items than any list needs.
pub(super) const MOST_ITEMS: usize = 200;

/// How a form is checked.
struct Checking {
    mode: Mode,
    /// What was read back and ticked; `None` where no ticks are owed.
    ticks: Option<Vec<String>>,
}

impl Checking {
    fn lacks_tick(&self, field: &Field, path: &str) -> bool {
        let at = || format!("{path}{}", field.key);
        field.read_back && self.ticks.as_ref().is_some_and(|ticks| !ticks.contains(&at()))
    }
}

/// Checks typed values against the form and its conditions; fields that are not asked and blanks are left out.
/// What a person types as it happens must have been read back where the form says so (TEL-19): the ticks stand under
/// [`READ_BACK`] and are kept there.
///
/// # Errors
/// Every problem, with the path of its field.
pub(super) fn check(
    fields: &[Field],
    input: &Fields,
    around: &Around<'_>,
    mode: Mode,
) -> Result<Fields, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut input = Cow::Borrowed(input);
    let mut ticks = Vec::new();
    if input.contains_key(READ_BACK)
        && let Some(ticked) = input.to_mut().remove(READ_BACK)
    {
        ticks = read_ticks(fields, &ticked, &mut problems);
    }
    let owed = mode == Mode::Live && around.by_person();
    let checking = Checking {
        mode,
        ticks: owed.then(|| ticks.clone()),
    };
    let mut read = check_level(fields, &input, around, &checking, "", &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    ticks.sort();
    ticks.dedup();
    if !ticks.is_empty() {
        let ticks = ticks.into_iter().map(FieldValue::Text).collect();
        read.insert(READ_BACK.to_owned(), FieldValue::List(ticks));
    }
    Ok(read)
}

/// The ticks: paths of fields that are to be read back (`phone`, `visitors[0].phone`).
fn read_ticks(fields: &[Field], ticked: &FieldValue, problems: &mut Vec<FieldProblem>) -> Vec<String> {
    let FieldValue::List(ticked) = ticked else {
        problems.push(not_ticks());
        return Vec::new();
    };
    let mut ticks = Vec::new();
    for one in ticked {
        match one.as_text() {
            Some(path) if is_read_back(fields, path) => ticks.push(path.to_owned()),
            Some(path) => problems.push(problem(
                "",
                READ_BACK,
                &format!("“{path}”不是须复述的字段，请去掉"),
                &format!("“{path}” is no field that is read back; leave it out"),
            )),
            None => problems.push(not_ticks()),
        }
    }
    ticks
}

fn is_read_back(fields: &[Field], path: &str) -> bool {
    let (first, rest) = match path.split_once("].") {
        Some((row, rest)) => (row.split('[').next().unwrap_or(row), Some(rest)),
        None => (path, None),
    };
    let field = fields.iter().find(|field| field.key == first);
    match (field.map(|field| &field.kind), rest) {
        (Some(FieldKind::Rows(columns)), Some(rest)) => is_read_back(columns, rest),
        (Some(_), None) => field.is_some_and(|field| field.read_back),
        _ => false,
    }
}

pub(super) fn not_ticks() -> FieldProblem {
    problem(
        "",
        READ_BACK,
        "应为已复述字段的列表",
        "must be a list of the fields that were read back",
    )
}

fn check_level(
    fields: &[Field],
    input: &Fields,
    around: &Around<'_>,
    checking: &Checking,
    path: &str,
    problems: &mut Vec<FieldProblem>,
) -> Fields {
    let around = around.with_input(Typed::Given(input, fields));
    for key in input.keys() {
        if !fields.iter().any(|field| field.key == *key) {
            problems.push(unknown_field(fields, path, key));
        }
    }
    let mut read = Fields::new();
    for field in fields {
        if !asked(field, &around) {
            continue;
        }
        match input.get(&field.key).filter(|value| !value.is_blank()) {
            Some(value) => {
                let Some(value) = check_value(field, value, &around, checking, path, problems) else {
                    continue;
                };
                if checking.lacks_tick(field, path) {
                    let Said { zh, en } = &field.title;
                    problems.push(problem(
                        path,
                        &field.key,
                        &format!("请向客户复述“{zh}”，确认后打勾"),
                        &format!("Read “{en}” back to the customer and tick it"),
                    ));
                }
                read.insert(field.key.clone(), value);
            }
            None => {
                if let Some(problem) = missing(field, fields, input, &around, path) {
                    problems.push(problem);
                }
            }
        }
    }
    read
}

/// Whether the field is asked: typed by a person, and its condition holds.
pub(super) fn asked(field: &Field, around: &Around<'_>) -> bool {
    field.given == Given::Typed
        && field
            .when
            .as_ref()
            .is_none_or(|when| around.truth(when) == Truth::Yes)
}

/// Whether a value must be given now.
pub(super) fn required(field: &Field, input: &Fields, around: &Around<'_>) -> bool {
    match &field.required {
        Required::No => false,
        Required::Yes => true,
        Required::When(condition) => around.truth(condition) == Truth::Yes,
        Required::Or(other) => !is_given(input, other),
    }
}

fn is_given(input: &Fields, key: &str) -> bool {
    match input.get(key) {
        Some(FieldValue::Flag(flag)) => *flag,
        Some(value) => !value.is_blank(),
        None => false,
    }
}

fn missing(
    field: &Field,
    fields: &[Field],
    input: &Fields,
    around: &Around<'_>,
    path: &str,
) -> Option<FieldProblem> {
    if !required(field, input, around) {
        return None;
    }
    let Said { zh, en } = &field.title;
    let say = match &field.required {
        Required::Or(other) => {
            let other = fields
                .iter()
                .find(|known| known.key == *other)
                .map(|known| &known.title);
            let (other_zh, other_en) =
                other.map_or(("另一项", "the other field"), |other| (&other.zh, &other.en));
            Said::new(
                format!("请填写“{zh}”，或填写“{other_zh}”"),
                format!("Give “{en}”, or “{other_en}” instead"),
            )
        }
        _ => Said::new(format!("请填写“{zh}”"), format!("“{en}” must be given")),
    };
    Some(FieldProblem {
        field: format!("{path}{}", field.key),
        say,
    })
}

fn check_value(
    field: &Field,
    value: &FieldValue,
    around: &Around<'_>,
    checking: &Checking,
    path: &str,
    problems: &mut Vec<FieldProblem>,
) -> Option<FieldValue> {
    let mut wrong = |zh: &str, en: &str| {
        problems.push(problem(path, &field.key, zh, en));
        None
    };
    match (&field.kind, value) {
        (FieldKind::Line, FieldValue::Text(text)) if text.contains(['\n', '\r']) => {
            wrong("只能写一行，请删去换行", "is one line; remove the line breaks")
        }
        (FieldKind::Line | FieldKind::Text | FieldKind::Place, FieldValue::Text(text)) => {
            let length = text.chars().count();
            if length > field.longest as usize {
                return wrong(
                    &format!("最多 {} 字，现有 {length} 字", field.longest),
                    &format!("holds at most {} characters, not {length}", field.longest),
                );
            }
            Some(FieldValue::Text(text.clone()))
        }
        (FieldKind::Choice(options), FieldValue::Text(chosen)) => match option_problem(options, chosen) {
            None => Some(value.clone()),
            Some(say) => wrong(&say.zh, &say.en),
        },
        (FieldKind::Choices(options), FieldValue::List(chosen)) if chosen.len() <= MOST_ITEMS => {
            let mut kept: Vec<FieldValue> = Vec::with_capacity(chosen.len());
            for one in chosen {
                match one.as_text().map(|text| option_problem(options, text)) {
                    Some(None) if !kept.contains(one) => kept.push(one.clone()),
                    Some(None) => {}
                    Some(Some(say)) => return wrong(&say.zh, &say.en),
                    None => return wrong("请从选项中选择", "choose from the options"),
                }
            }
            Some(FieldValue::List(kept))
        }
        (FieldKind::Number { .. } | FieldKind::Money, FieldValue::Number(_))
        | (FieldKind::Flag, FieldValue::Flag(_)) => Some(value.clone()),
        (FieldKind::Time { future }, FieldValue::Number(at)) => {
            if *future && checking.mode == Mode::Live && Moment::from_millis(*at) <= around.now {
                return wrong("须晚于现在", "must lie in the future");
            }
            if at.unsigned_abs() > LATEST {
                return wrong("时间超出范围", "lies outside the years that can be kept");
            }
            Some(value.clone())
        }
        (FieldKind::Date, FieldValue::Text(text)) => match text.trim().parse::<Date>() {
            Ok(date) if text.trim().len() == 10 => Some(FieldValue::Text(date.to_string())),
            _ => wrong("应为日期，例如 2026-11-05", "must be a date, such as 2026-11-05"),
        },
        (FieldKind::Phone, FieldValue::Text(text)) if is_phone(text) => {
            Some(FieldValue::Text(text.trim().to_owned()))
        }
        (FieldKind::Phone, _) => wrong(
            "不是电话号码，应为 5 到 20 位数字，可带 +、空格、- 和括号",
            "is not a telephone number; write 5 to 20 digits, with +, spaces, - or brackets if need be",
        ),
        (FieldKind::Signature, FieldValue::Text(text)) if is_drawn(text) => Some(value.clone()),
        (
            FieldKind::Person
            | FieldKind::Unit
            | FieldKind::Customer
            | FieldKind::Case
            | FieldKind::Signature,
            FieldValue::Text(_),
        ) => match value.as_id().filter(|id| *id > Id(0)) {
            Some(id) => Some(id.into()),
            None => wrong(
                "请从列表中选择",
                "choose from the list; what is sent is an id in decimal digits",
            ),
        },
        (FieldKind::OutsideBody, FieldValue::Text(_)) => match value.as_id().filter(|id| *id > Id(0)) {
            Some(id) => Some(id.into()),
            None => wrong(
                "请从外部单位电话簿中选择",
                "choose from the phone book of outside bodies; what is sent is an id in decimal digits",
            ),
        },
        // As the shell read it from the phone book.
        (FieldKind::OutsideBody, FieldValue::Row(cells)) if is_entry(cells) => Some(value.clone()),
        (FieldKind::People, FieldValue::List(people)) if people.len() <= MOST_ITEMS => {
            let mut kept: Vec<FieldValue> = Vec::with_capacity(people.len());
            for one in people {
                match one.as_id().filter(|id| *id > Id(0)).map(FieldValue::from) {
                    Some(one) if kept.contains(&one) => {}
                    Some(one) => kept.push(one),
                    None => {
                        return wrong(
                            "请从列表中选择",
                            "choose from the list; what is sent are ids in decimal digits",
                        );
                    }
                }
            }
            Some(FieldValue::List(kept))
        }
        (FieldKind::Files, FieldValue::List(files))
            if files.len() <= MOST_ITEMS && files.iter().all(|file| file.as_id().is_some()) =>
        {
            Some(value.clone())
        }
        (FieldKind::Rows(columns), FieldValue::List(rows)) => {
            if rows.len() > MOST_ROWS {
                return wrong("最多 200 行", "holds at most 200 rows");
            }
            let mut read = Vec::with_capacity(rows.len());
            for (index, row) in rows.iter().enumerate() {
                let path = format!("{path}{}[{index}].", field.key);
                match row {
                    FieldValue::Row(cells) => {
                        read.push(FieldValue::Row(check_level(
                            columns, cells, around, checking, &path, problems,
                        )));
                    }
                    _ => problems.push(problem(
                        path.trim_end_matches('.'),
                        "",
                        &format!("第 {} 行没有按表格填写", index + 1),
                        &format!("row {} is not filled in as a row of fields", index + 1),
                    )),
                }
            }
            Some(FieldValue::List(read))
        }
        (kind, _) => {
            let (zh, en) = wanted(kind);
            wrong(zh, en)
        }
    }
}

/// What a field of this kind wants.
fn wanted(kind: &FieldKind) -> (&'static str, &'static str) {
    match kind {
        FieldKind::Line | FieldKind::Text | FieldKind::Place => ("请填写文字", "must be text"),
        FieldKind::Choice(_) => ("请选择一项", "choose one of the options"),
        FieldKind::Choices(_) => ("请从选项中选择", "choose from the options"),
        FieldKind::Number { .. } => ("请填写整数", "must be a whole number"),
        FieldKind::Money => ("请填写金额", "must be an amount of money, in fen"),
        FieldKind::Flag => ("请选择是或否", "must be yes or no"),
        FieldKind::Time { .. } => ("请填写日期和时间", "must be a day and time"),
        FieldKind::Date => ("请填写日期", "must be a day"),
        FieldKind::Phone => ("请填写电话号码", "must be a telephone number"),
        FieldKind::Person | FieldKind::Unit | FieldKind::Customer | FieldKind::Case => (
            "请从列表中选择",
            "choose from the list; what is sent is an id in decimal digits",
        ),
        FieldKind::People => (
            "请从列表中选择人员，最多 200 人",
            "must be a list of the ids of people, at most 200",
        ),
        FieldKind::OutsideBody => (
            "请从外部单位电话簿中选择",
            "choose from the phone book of outside bodies; what is sent is an id in decimal digits",
        ),
        FieldKind::Signature => (
            "请签名，或附上已签的文件",
            "must be a drawn signature, or the id of a file",
        ),
        FieldKind::Files => (
            "请附上文件，最多 200 个",
            "must be a list of the ids of files, at most 200",
        ),
        FieldKind::Rows(_) => ("请按表格逐行填写", "must be a list of rows"),
    }
}

/// The year 9999, in milliseconds.
const LATEST: u64 = 253_402_300_799_000;

fn is_phone(text: &str) -> bool {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (5..=20).contains(&digits)
        && text.len() <= 40
        && text.chars().enumerate().all(|(place, c)| {
            c.is_ascii_digit()
                || matches!(c, ' ' | '-' | '(' | ')' | '#' | '*' | '/')
                || (c == '+' && place == 0)
        })
}

/// Whether this is an entry of the phone book: which, its name, its number.
fn is_entry(cells: &Fields) -> bool {
    cells.len() == ENTRY.len()
        && cells.get(BODY).is_some_and(|body| body.as_id().is_some())
        && ENTRY
            .iter()
            .all(|key| cells.get(*key).and_then(FieldValue::as_text).is_some())
}

fn option_problem(options: &[(String, Said)], chosen: &str) -> Option<Said> {
    if options.iter().any(|(key, _)| key == chosen) {
        return None;
    }
    let mut zh = format!("没有选项“{chosen}”");
    let mut en = format!("has no option “{chosen}”");
    if let Some(near) = nearest(chosen, options.iter().map(|(key, _)| key.as_str())) {
        zh.push_str(&format!("，是否应为“{near}”"));
        en.push_str(&format!("; did you mean “{near}”?"));
    } else {
        let known: Vec<&str> = options.iter().map(|(key, _)| key.as_str()).collect();
        zh.push_str(&format!("，可选：{}", known.join("、")));
        en.push_str(&format!("; choose one of {}", known.join(", ")));
    }
    Some(Said::new(zh, en))
}

pub(super) fn unknown_field(fields: &[Field], path: &str, key: &str) -> FieldProblem {
    let known = fields
        .iter()
        .filter(|field| field.given == Given::Typed)
        .map(|field| field.key.as_str());
    let say = match nearest(key, known) {
        Some(near) => Said::new(
            format!("没有字段“{key}”，是否应为“{near}”"),
            format!("There is no field “{key}” here; did you mean “{near}”?"),
        ),
        None => Said::new(
            format!("没有字段“{key}”，请去掉"),
            format!("There is no field “{key}” here; leave it out"),
        ),
    };
    FieldProblem {
        field: format!("{path}{key}"),
        say,
    }
}

/// The longest drawing, in characters of its address.
const LONGEST_DRAWING: usize = 100_000;

/// A small PNG as a data address: a drawn signature, kept with the act itself.
fn is_drawn(text: &str) -> bool {
    text.len() <= LONGEST_DRAWING
        && text
            .strip_prefix("data:image/png;base64,iVBORw0KGgo")
            .is_some_and(|rest| {
                rest.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
            })
}

pub(super) fn problem(path: &str, key: &str, zh: &str, en: &str) -> FieldProblem {
    FieldProblem {
        field: format!("{path}{key}"),
        say: Said::new(zh, en),
    }
}
