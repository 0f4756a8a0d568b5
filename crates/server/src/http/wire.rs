//! Shapes that several answers share: clause tags, clocks, fields; and the sentences of refusals.

use calendar::Moment;
use regulation::case::LimitOrigin;
use regulation::model::{Bound, ClauseRef, Deadline, Field, FieldKind, Procedure, Required};
use regulation::{Clock, ClockState, Id, Refusal, Said};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Language, Problem};
use crate::packs::Library;

/// A clause as shown beside what it rules.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClauseTag {
    /// The pack.
    pub pack: String,
    /// The clause's stable id.
    pub id: String,
    /// The number as printed.
    pub number: String,
    /// Its short title.
    pub title: String,
}

/// The tag of a clause, looked up in whatever version of the pack is known.
pub fn clause_tag(packs: &Library, clause: &ClauseRef, language: Language) -> ClauseTag {
    let found = packs.clause(clause);
    ClauseTag {
        pack: clause.pack.to_string(),
        id: clause.clause.to_string(),
        number: found
            .as_ref()
            .map_or_else(|| clause.clause.to_string(), |found| found.number.clone()),
        title: found.map(|found| language.say(&found.title)).unwrap_or_default(),
    }
}

/// A clock as shown in a clause track.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClockView {
    /// Its number in the case; none while it has not begun.
    pub no: Option<u32>,
    /// The deadline's key.
    pub deadline: String,
    /// The deadline's name.
    pub title: String,
    /// The clause it carries.
    pub clause: ClauseTag,
    /// `pending`, `running`, `soon`, `paused`, `overdue`, `kept`, `kept_late`, `exempt`, `lapsed`.
    pub state: String,
    /// When it began, RFC 3339.
    pub started_at: Option<String>,
    /// When it is due.
    pub due_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// From when it counts as due soon.
    pub soon_at: Option<String>,
    /// The limit in words.
    pub limit: String,
    /// Whose limit: `pack`, `customer`, `authority`, `agreed`.
    pub origin: String,
    /// The round it counts for.
    pub round: u32,
    /// The due time lies beyond the known holiday years.
    pub provisional: bool,
    /// Why exempt or lapsed, or why paused.
    pub reason: Option<String>,
    /// Time used, in ms, once it has ended.
    pub took_ms: Option<i64>,
    /// How late, in ms: so far, or in the end.
    pub late_ms: Option<i64>,
    /// The clock that took its place.
    pub replaced_by: Option<u32>,
}

/// The limit of a deadline that has not begun: every alternative, in words.
pub fn limit_words(deadline: &Deadline, language: Language) -> String {
    match &deadline.bound {
        Bound::Within(choices) => choices
            .iter()
            .map(|choice| choice.limit.label(language.calendar()))
            .collect::<Vec<_>>()
            .join(" / "),
        Bound::At(_) => language.pick("约定时间", "the agreed time").to_owned(),
    }
}

/// The view of a clock at a time.
pub fn clock_view(
    packs: &Library,
    deadline: Option<&Deadline>,
    clock: &Clock,
    now: Moment,
    language: Language,
) -> ClockView {
    let soon = soon_at(clock);
    let state = match clock.state {
        ClockState::Running if clock.due < now => "overdue",
        ClockState::Running if soon <= now => "soon",
        state => state.word(),
    };
    let until = clock.ended.unwrap_or(now);
    let late = match clock.state {
        ClockState::KeptLate | ClockState::Overdue => Some(until.since(clock.due).max(0)),
        ClockState::Running if clock.due < now => Some(now.since(clock.due)),
        _ => None,
    };
    let origin = match clock.origin {
        LimitOrigin::Pack => "pack",
        LimitOrigin::Customer => "customer",
        LimitOrigin::Authority => "authority",
        LimitOrigin::Agreed => "agreed",
    };
    let reason_key = clock
        .paused
        .as_ref()
        .map(|(_, reason)| reason)
        .or(clock.reason.as_ref());
    let reason = reason_key.map(|key| {
        let known = deadline
            .and_then(|deadline| deadline.pauses.as_ref())
            .and_then(|pauses| pauses.reasons.iter().find(|(known, _)| known == key));
        known.map_or_else(|| clock_reason(key, language), |(_, title)| language.say(title))
    });
    ClockView {
        no: Some(clock.no),
        deadline: clock.deadline.clone(),
        title: deadline.map_or_else(
            || clock.deadline.clone(),
            |deadline| language.say(&deadline.title),
        ),
        clause: clause_tag(packs, &clock.clause, language),
        state: state.to_owned(),
        started_at: Some(clock.start.to_string()),
        due_at: Some(clock.due.to_string()),
        ended_at: clock.ended.map(|at| at.to_string()),
        soon_at: Some(soon.to_string()),
        limit: clock
            .limit
            .as_ref()
            .map(|limit| limit.label(language.calendar()))
            .unwrap_or_default(),
        origin: origin.to_owned(),
        round: clock.round,
        provisional: clock.provisional,
        reason,
        took_ms: clock.ended.map(|at| at.since(clock.start)),
        late_ms: late,
        replaced_by: clock.replaced_by,
    }
}

/// Three quarters of the way, or the pack's first reminder if that comes first.
fn soon_at(clock: &Clock) -> Moment {
    let three_quarters = clock.start.plus(clock.due.since(clock.start) / 4 * 3);
    match clock.levels.first() {
        Some(level) if level.at < clock.due => three_quarters.min(level.at),
        _ => three_quarters,
    }
}

/// Reasons that the engine itself gives, in words; a pack's own sentence stays as it is.
fn clock_reason(key: &str, language: Language) -> String {
    match key.split(':').next() {
        Some("merged") => language
            .pick("已并入其他事项", "merged into another case")
            .to_owned(),
        Some("reset") => language.pick("时限已重设", "re-set").to_owned(),
        Some("void") => language.pick("事项作废", "the case is void").to_owned(),
        Some("ended") => language.pick("事项已结束", "the case has ended").to_owned(),
        Some("round") => language.pick("已进入下一轮", "the next round began").to_owned(),
        Some("moved") => language
            .pick("已改用新版规程", "moved to a new version")
            .to_owned(),
        Some("not_applicable") => language.pick("不再适用", "no longer applies").to_owned(),
        _ => key.to_owned(),
    }
}

/// An option of a field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OptionView {
    /// Its key.
    pub key: String,
    /// Its label.
    pub title: String,
}

/// A field of a form or action.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldView {
    /// Its key.
    pub key: String,
    /// Its label.
    pub title: String,
    /// `line`, `text`, `choice`, `choices`, `number`, `money`, `flag`, `time`, `date`, `phone`, `place`, `person`,
    /// `unit`, `customer`, `case`, `signature`, `files`, `rows`.
    pub kind: String,
    /// Options of a choice.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionView>,
    /// Fields of each row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub rows: Vec<FieldView>,
    /// `yes`, `no` or `conditional`.
    pub required: String,
    /// This other field may be given instead.
    pub or: Option<String>,
    /// Asked only under a condition; a dry run tells whether it is asked now.
    pub conditional: bool,
    /// Must lie in the future.
    pub future: bool,
    /// Repeated to the caller and ticked before it can be confirmed.
    pub read_back: bool,
    /// Longest text in characters.
    pub longest: u32,
    /// Personal data.
    pub personal: bool,
    /// A sentence that helps.
    pub help: Option<String>,
    /// Filled by the record: which key.
    pub given: Option<String>,
    /// What is counted.
    pub measure: Option<String>,
}

/// The word for a field's kind.
pub fn kind_word(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Line => "line",
        FieldKind::Text => "text",
        FieldKind::Choice(_) => "choice",
        FieldKind::Choices(_) => "choices",
        FieldKind::Number { .. } => "number",
        FieldKind::Money => "money",
        FieldKind::Flag => "flag",
        FieldKind::Time { .. } => "time",
        FieldKind::Date => "date",
        FieldKind::Phone => "phone",
        FieldKind::Place => "place",
        FieldKind::Person => "person",
        FieldKind::People => "people",
        FieldKind::OutsideBody => "outside_body",
        FieldKind::Unit => "unit",
        FieldKind::Customer => "customer",
        FieldKind::Case => "case",
        FieldKind::Signature => "signature",
        FieldKind::Files => "files",
        FieldKind::Rows(_) => "rows",
    }
}

/// A field as a form shows it.
pub fn field_view(field: &Field, language: Language) -> FieldView {
    let options = match &field.kind {
        FieldKind::Choice(options) | FieldKind::Choices(options) => options
            .iter()
            .map(|(key, title)| OptionView {
                key: key.clone(),
                title: language.say(title),
            })
            .collect(),
        _ => Vec::new(),
    };
    let rows = match &field.kind {
        FieldKind::Rows(fields) => fields.iter().map(|field| field_view(field, language)).collect(),
        _ => Vec::new(),
    };
    let (required, or) = match &field.required {
        Required::No => ("no", None),
        Required::Yes => ("yes", None),
        Required::When(_) => ("conditional", None),
        Required::Or(other) => ("conditional", Some(other.clone())),
    };
    FieldView {
        key: field.key.clone(),
        title: language.say(&field.title),
        kind: kind_word(&field.kind).to_owned(),
        options,
        rows,
        required: required.to_owned(),
        or,
        conditional: field.when.is_some(),
        future: matches!(field.kind, FieldKind::Time { future: true }),
        read_back: field.read_back,
        longest: field.longest,
        personal: field.personal,
        help: field.help.as_ref().map(|help| language.say(help)),
        given: match &field.given {
            regulation::model::Given::Typed => None,
            regulation::model::Given::Record(key) => Some(key.clone()),
        },
        measure: match &field.kind {
            FieldKind::Number { measure } => measure.clone(),
            _ => None,
        },
    }
}

/// The title of a stage.
pub fn stage_title(procedure: Option<&Procedure>, stage: &str, language: Language) -> String {
    procedure
        .and_then(|procedure| procedure.stage(stage))
        .map_or_else(|| stage.to_owned(), |stage| language.say(&stage.title))
}

/// An id as it comes over the wire.
pub fn read_id(field: &str, text: &str) -> Answer<Id> {
    text.parse().ok().filter(|id: &Id| id.0 > 0).ok_or_else(|| {
        Problem::malformed(
            format!("{field}不是有效的编号：{text}"),
            format!("{field} is not an id: {text}"),
        )
    })
}

/// A time as it comes over the wire.
pub fn read_time(field: &str, text: &str) -> Answer<Moment> {
    Moment::parse_rfc3339(text).map_err(|_| {
        Problem::malformed(
            format!("{field}不是有效的时间，请写成2026-11-20T13:41:00+08:00。"),
            format!("{field} is not a time; write it as 2026-11-20T13:41:00+08:00."),
        )
    })
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Give this as `after` to go on; none at the end.
    pub next: Option<String>,
}

/// How a list is paged.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, 1 to 200; 50 unless said.
    pub limit: Option<u32>,
}

impl Paging {
    /// How many rows.
    pub fn rows(&self) -> i64 {
        i64::from(self.limit.unwrap_or(50).clamp(1, 200))
    }
}

fn list(said: &[Said], language: Language) -> String {
    let words: Vec<String> = said.iter().map(|one| language.say(one)).collect();
    words.join(language.pick("、", ", "))
}

/// What a refusal says, in both languages.
pub fn refusal_said(refusal: &Refusal) -> Said {
    let both = |zh: String, en: String| Said { zh, en };
    match refusal {
        Refusal::Unknown { name, nearest: Some(nearest) } => both(
            format!("规程中没有“{name}”。是不是“{nearest}”？"),
            format!("The regulation knows no \"{name}\". Did you mean \"{nearest}\"?"),
        ),
        Refusal::Unknown { name, nearest: None } => both(
            format!("规程中没有“{name}”。请刷新后从列出的动作中选择。"),
            format!("The regulation knows no \"{name}\". Reload and choose from the actions listed."),
        ),
        Refusal::NotHere { stage, open_in, .. } => both(
            format!("事项现在处于“{}”，这个动作只在“{}”时可做。", stage.zh, list(open_in, Language::Chinese)),
            format!("The case stands at \"{}\"; this is open at: {}.", stage.en, list(open_in, Language::English)),
        ),
        Refusal::Forbidden { could, .. } => both(
            format!("您不能做这个动作。可以做的人：{}。", list(could, Language::Chinese)),
            format!("You may not do this. These could: {}.", list(could, Language::English)),
        ),
        Refusal::Clause { say, .. } | Refusal::Taken { say, .. } | Refusal::Settled { say, .. } => {
            both(format!("{}。", say.zh.trim_end_matches('。')), format!("{}.", say.en.trim_end_matches('.')))
        }
        Refusal::Unapproved { say, waiting_for, .. } => both(
            format!("{}。等候签批：{}。", say.zh.trim_end_matches('。'), list(waiting_for, Language::Chinese)),
            format!("{}. Waiting for: {}.", say.en.trim_end_matches('.'), list(waiting_for, Language::English)),
        ),
        Refusal::Input { problems } => both(
            format!("有{}项需要改正：{}", problems.len(), problems.iter().map(|one| one.say.zh.as_str()).collect::<Vec<_>>().join("；")),
            format!("{} fields need mending: {}", problems.len(), problems.iter().map(|one| one.say.en.as_str()).collect::<Vec<_>>().join("; ")),
        ),
        Refusal::Stale { .. } => both(
            "您打开之后，别人已经处理过这个事项。请看最新情况，再决定是否继续；您填写的内容还在。".to_owned(),
            "Someone else acted on this case after you opened it. Look at what changed, then decide; what you typed is kept.".to_owned(),
        ),
        Refusal::Unmovable { reasons } => both(
            format!("不能改用新版规程：{}。", list(reasons, Language::Chinese)),
            format!("It cannot be moved to the new version: {}.", list(reasons, Language::English)),
        ),
    }
}
