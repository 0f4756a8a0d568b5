//! `/api/packs/{name}/reading`: what stands beside the regulation's text, as people read it: procedures as stages and
//! ways between them, phrases, forms, working time, functions, obligations, the parts of a controlled document. And
//! `/api/phrases`: what the caller may say and must not say. Reads a linked pack, computes nothing about cases.

mod procedures;

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use regulation::model::{FieldKind, Required};
use regulation::{Pack, Said};
use serde::Serialize;
use utoipa::ToSchema;

use self::procedures::procedure_view;
use super::Library;
use crate::app::App;
use crate::http::wire::{ClauseTag, clause_tag, kind_word};
use crate::http::{Answer, Language, Problem, Route};
use crate::session::Caller;

/// What stands beside a regulation's text.
#[derive(Serialize, ToSchema)]
pub struct Reading {
    /// The pack.
    pub name: String,
    /// As printed.
    pub title: String,
    /// Version.
    pub version: String,
    /// First day in force.
    pub effective: Option<String>,
    /// Packs that it uses, as `name@version`.
    pub uses: Vec<String>,
    /// The parts of a controlled document.
    pub document: DocumentView,
    /// Its procedures.
    pub procedures: Vec<ProcedureView>,
    /// Phrases by situation.
    pub phrases: Vec<PhrasesView>,
    /// Forms.
    pub forms: Vec<FormView>,
    /// Working time.
    pub calendars: Vec<CalendarView>,
    /// Functions.
    pub functions: Vec<FunctionSaid>,
    /// Recurring duties.
    pub obligations: Vec<ObligationView>,
}

/// The parts of a controlled document.
#[derive(Serialize, ToSchema)]
pub struct DocumentView {
    /// Who makes, revises and abolishes it.
    pub owner: Option<String>,
    /// Why it exists.
    pub purpose: Option<String>,
    /// What it covers.
    pub scope: Option<String>,
    /// Duties.
    pub duties: Vec<String>,
    /// Terms.
    pub definitions: Vec<String>,
    /// Other documents.
    pub related: Vec<String>,
    /// Records that it produces.
    pub records: Vec<String>,
    /// Annexes.
    pub annexes: Vec<String>,
}

/// A procedure as a diagram shows it.
#[derive(Serialize, ToSchema)]
pub struct ProcedureView {
    /// Its key.
    pub key: String,
    /// As people say it.
    pub title: String,
    /// The pack whose file states it.
    pub stated_in: String,
    /// Who may open one by hand.
    pub opened_by: Vec<String>,
    /// Stages in order; the first is the beginning.
    pub stages: Vec<StageView>,
    /// Ways between them.
    pub ways: Vec<WayView>,
    /// Deadlines in the order of the text.
    pub deadlines: Vec<DeadlineView>,
}

/// A stage.
#[derive(Serialize, ToSchema)]
pub struct StageView {
    /// Its key.
    pub key: String,
    /// As people say it.
    pub title: String,
    /// Whether a case ends here.
    pub end: bool,
}

/// A way from one stage to another.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WayView {
    /// From.
    pub from: String,
    /// To.
    pub to: String,
    /// The act that leads there.
    pub title: String,
    /// The clause that it carries out.
    pub clause: Option<ClauseTagPlain>,
    /// Only under a condition.
    pub conditional: bool,
    /// Begins the next round.
    pub next_round: bool,
}

/// A clause's pack, id and number.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClauseTagPlain {
    /// The pack.
    pub pack: String,
    /// Its stable id.
    pub id: String,
    /// As printed.
    pub number: String,
}

/// A deadline with what happens on its way.
#[derive(Serialize, ToSchema)]
pub struct DeadlineView {
    /// Its key.
    pub key: String,
    /// As people say it.
    pub title: String,
    /// The clause it carries.
    pub clause: ClauseTag,
    /// Its limit in words, alternatives side by side.
    pub limit: String,
    /// The stage in which it begins, where there is one.
    pub stage: Option<String>,
    /// What starts it.
    pub from: String,
    /// What ends it.
    pub until: Vec<String>,
    /// What happens on the way, one line each.
    pub steps: Vec<String>,
}

/// Phrases of a situation.
#[derive(Serialize, ToSchema)]
pub struct PhrasesView {
    /// The pack.
    pub pack: String,
    /// Its key.
    pub key: String,
    /// As people say it.
    pub title: String,
    /// Whether these must not be said.
    pub forbidden: bool,
    /// The clause behind it.
    pub clause: Option<ClauseTag>,
    /// The phrases in the caller's language.
    pub phrases: Vec<String>,
    /// The phrases in Chinese: what is looked for in what someone types.
    pub spoken: Vec<String>,
}

/// A form.
#[derive(Serialize, ToSchema)]
pub struct FormView {
    /// Its key.
    pub key: String,
    /// As printed.
    pub title: String,
    /// The form's number in the annex.
    pub number: Option<String>,
    /// The clause that asks for it.
    pub clause: Option<ClauseTag>,
    /// Its fields in the order of the paper.
    pub fields: Vec<FormFieldView>,
    /// Copies and who gets them.
    pub copies: Vec<String>,
}

/// A field of a form.
#[derive(Serialize, ToSchema)]
pub struct FormFieldView {
    /// Label.
    pub title: String,
    /// What it holds.
    pub kind: String,
    /// Whether it must always be filled.
    pub required: bool,
    /// Personal data.
    pub personal: bool,
    /// The options of a choice.
    pub options: Vec<String>,
}

/// Working time.
#[derive(Serialize, ToSchema)]
pub struct CalendarView {
    /// `default` or its name.
    pub name: String,
    /// IANA zone.
    pub zone: String,
    /// Whether China's public holidays and make-up workdays apply.
    pub public_holidays: bool,
    /// Days and spans as written.
    pub hours: Vec<HoursView>,
    /// Where a limit in days ends: `closing` or `midnight`.
    pub day_ends: String,
    /// What happens to a last day on a holiday: `stay` or `next workday`.
    pub on_holiday: String,
}

/// Opening hours of some weekdays.
#[derive(Serialize, ToSchema)]
pub struct HoursView {
    /// `mon-fri`.
    pub days: String,
    /// `08:30-18:00`.
    pub spans: String,
}

/// A function.
#[derive(Serialize, ToSchema)]
pub struct FunctionSaid {
    /// Its key.
    pub key: String,
    /// As people say it.
    pub title: String,
    /// Its ladder.
    pub ladder: String,
    /// Its place on it.
    pub rank: u32,
}

/// A recurring duty.
#[derive(Serialize, ToSchema)]
pub struct ObligationView {
    /// Its key.
    pub key: String,
    /// As people say it.
    pub title: String,
    /// The clause it carries.
    pub clause: ClauseTag,
    /// Whose duty.
    pub function: String,
    /// How often.
    pub every: String,
    /// By when.
    pub due: String,
}

/// What stands beside a regulation's text.
#[utoipa::path(get, path = "/api/packs/{name}/reading", tag = "packs", params(("name" = String, Path, description = "The pack")),
    responses((status = 200, body = Reading), Problem))]
pub async fn reading(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(name): Route<String>,
) -> Answer<Json<Reading>> {
    let around = app.centre.surroundings();
    let pack = around
        .packs
        .in_force_anywhere(&name)
        .ok_or_else(|| Problem::not_found("这份规程", "regulation"))?;
    Ok(Json(read(&around.packs, &pack, caller.language)))
}

/// What the caller may say by the regulations of their units, and what they must not say.
#[utoipa::path(get, path = "/api/phrases", tag = "packs", responses((status = 200, body = Vec<PhrasesView>), Problem))]
pub async fn phrases(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<Vec<PhrasesView>>> {
    let around = app.centre.surroundings();
    let mut all: Vec<PhrasesView> = Vec::new();
    for holding in &caller.actor.holdings {
        for pack in around.packs.all_for(&around.picture, holding.unit) {
            for group in phrases_of(&around.packs, &pack, caller.language) {
                // Packs in force share what they take over from a pack they use.
                let known = |one: &PhrasesView| one.key == group.key && one.spoken == group.spoken;
                if !all.iter().any(known) {
                    all.push(group);
                }
            }
        }
    }
    Ok(Json(all))
}

fn read(packs: &Library, pack: &Pack, language: Language) -> Reading {
    let say = |said: &Said| language.say(said);
    let list = |said: &[Said]| said.iter().map(|one| language.say(one)).collect::<Vec<_>>();
    let document = &pack.document;
    Reading {
        name: pack.name.to_string(),
        title: say(&pack.title),
        version: pack.version.clone(),
        effective: pack.effective.map(|day| day.to_string()),
        uses: pack.uses.clone(),
        document: DocumentView {
            owner: document.owner.as_ref().map(say),
            purpose: document.purpose.as_ref().map(say),
            scope: document.scope.as_ref().map(say),
            duties: list(&document.duties),
            definitions: list(&document.definitions),
            related: list(&document.related),
            records: list(&document.records),
            annexes: document.annexes.iter().map(|(_, title)| say(title)).collect(),
        },
        procedures: pack
            .procedures
            .values()
            .map(|procedure| procedure_view(packs, pack, procedure, language))
            .collect(),
        phrases: phrases_of(packs, pack, language),
        forms: forms_of(packs, pack, language),
        calendars: pack
            .calendars
            .iter()
            .map(|(name, spec)| CalendarView {
                name: name.clone(),
                zone: spec.zone.clone(),
                public_holidays: spec.public_holidays,
                hours: spec
                    .hours
                    .iter()
                    .map(|(days, spans)| HoursView {
                        days: days.clone(),
                        spans: spans.clone(),
                    })
                    .collect(),
                day_ends: match spec.day_ends {
                    calendar::DayEnd::Closing => "closing",
                    calendar::DayEnd::Midnight => "midnight",
                }
                .to_owned(),
                on_holiday: match spec.on_holiday {
                    calendar::OnHoliday::Stay => "stay",
                    calendar::OnHoliday::NextWorkday => "next workday",
                }
                .to_owned(),
            })
            .collect(),
        functions: pack
            .functions
            .values()
            .map(|function| FunctionSaid {
                key: function.key.clone(),
                title: say(&function.title),
                ladder: function.ladder.clone(),
                rank: function.rank,
            })
            .collect(),
        obligations: pack
            .obligations
            .iter()
            .map(|obligation| ObligationView {
                key: obligation.key.clone(),
                title: say(&obligation.title),
                clause: clause_tag(packs, &obligation.clause, language),
                function: pack
                    .functions
                    .get(&obligation.function)
                    .map_or_else(|| obligation.function.clone(), |function| say(&function.title)),
                every: obligation.every.label(language.calendar()),
                due: obligation.due.label(language.calendar()),
            })
            .collect(),
    }
}

fn phrases_of(packs: &Library, pack: &Pack, language: Language) -> Vec<PhrasesView> {
    pack.phrases
        .iter()
        .map(|group| PhrasesView {
            pack: pack.name.to_string(),
            key: group.key.clone(),
            title: language.say(&group.title),
            forbidden: group.forbidden,
            clause: group
                .clause
                .as_ref()
                .map(|clause| clause_tag(packs, clause, language)),
            phrases: group.phrases.iter().map(|one| language.say(one)).collect(),
            spoken: group.phrases.iter().map(|one| one.zh.clone()).collect(),
        })
        .collect()
}

fn forms_of(packs: &Library, pack: &Pack, language: Language) -> Vec<FormView> {
    let field = |field: &regulation::model::Field| FormFieldView {
        title: language.say(&field.title),
        kind: kind_word(&field.kind).to_owned(),
        required: matches!(field.required, Required::Yes),
        personal: field.personal,
        options: match &field.kind {
            FieldKind::Choice(options) | FieldKind::Choices(options) => {
                options.iter().map(|(_, title)| language.say(title)).collect()
            }
            _ => Vec::new(),
        },
    };
    pack.forms
        .values()
        .map(|form| FormView {
            key: form.key.clone(),
            title: language.say(&form.title),
            number: form.number.clone(),
            clause: form
                .clause
                .as_ref()
                .map(|clause| clause_tag(packs, clause, language)),
            fields: form.fields.iter().map(field).collect(),
            copies: form.copies.iter().map(|one| language.say(one)).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use regulation::model::Bound;

    use super::*;
    use crate::http::wire::limit_words;
    use crate::packs::{Bundle, built_in};

    fn complaints() -> Pack {
        Bundle::of(&built_in("complaints").unwrap()).link().unwrap()
    }

    #[test]
    fn a_procedure_reads_as_stages_and_ways_between_them() {
        let pack = complaints();
        let packs = Library::default();
        let view = read(&packs, &pack, Language::Chinese);
        let complaint = view.procedures.iter().find(|one| one.key == "complaint").unwrap();
        let known = |key: &str| complaint.stages.iter().any(|stage| stage.key == key);
        assert!(complaint.stages.iter().any(|stage| stage.end));
        assert!(!complaint.ways.is_empty());
        assert!(
            complaint
                .ways
                .iter()
                .all(|way| known(&way.from) && known(&way.to) && way.from != way.to)
        );
        let reached = |stage: &StageView| complaint.ways.iter().any(|way| way.to == stage.key);
        assert!(
            complaint.stages.iter().skip(1).all(reached),
            "every stage but the first is reached"
        );
        let start = complaint.deadlines.iter().find(|one| one.key == "start").unwrap();
        assert_eq!(start.stage.as_deref(), Some("received"));
        assert!(start.limit.contains("10"), "{}", start.limit);
        assert!(!start.steps.is_empty(), "who is told stands with the deadline");
    }

    #[test]
    fn gen_10_forbidden_phrases_of_a_used_pack_are_known() {
        let groups = phrases_of(&Library::default(), &complaints(), Language::English);
        let forbidden = groups.iter().find(|group| group.forbidden).unwrap();
        assert_eq!(forbidden.phrases.len(), forbidden.spoken.len());
        assert!(forbidden.spoken.iter().any(|phrase| phrase == "不归我管"));
        assert!(groups.iter().any(|group| !group.forbidden));
    }

    #[test]
    fn bounds_without_a_length_have_words_too() {
        let pack = complaints();
        let at = pack
            .procedures
            .values()
            .flat_map(|procedure| &procedure.deadlines)
            .find(|deadline| matches!(deadline.bound, Bound::At(_)));
        assert!(at.is_none_or(|deadline| !limit_words(deadline, Language::English).is_empty()));
    }
}
