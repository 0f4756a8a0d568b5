//! `/api/rights/explain`: may this person do this to this case, by which function and clause; and who could.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use calendar::Moment;
use regulation::decide::{Ground, Standing, grounds, offers};
use regulation::model::Action;
use regulation::{Actor, Case, Id};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::cases::shell::ShellError;
use crate::cases::view::visible;
use crate::centre::Surroundings;
use crate::http::wire::{ClauseTag, clause_tag, read_id, refusal_said};
use crate::http::{Answer, Language, Params, Problem};
use crate::session::Caller;

/// How many of those who could are named.
const NAMED: usize = 50;

/// What is to be explained.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RightAsked {
    /// The case.
    pub case: String,
    /// The action's key.
    pub action: String,
    /// The person; oneself unless said.
    pub person: Option<String>,
}

/// Why someone is among those who may.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroundView {
    /// Which of those the regulation names.
    pub who: String,
    /// By which function; none for a relation to the case.
    pub function: Option<String>,
    /// Held in which unit.
    pub unit_name: Option<String>,
    /// Since when.
    pub since: Option<String>,
    /// Until when; none is without an end.
    pub until: Option<String>,
    /// As a deputy for whom.
    pub on_behalf_of_name: Option<String>,
}

/// Someone who could.
#[derive(Debug, Serialize, ToSchema)]
pub struct CouldView {
    /// The person.
    pub person: String,
    /// Their name.
    pub name: String,
    /// Which of those the regulation names.
    pub who: String,
}

/// May this person do this, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct RightExplained {
    /// The action.
    pub title: String,
    /// The clause that says who may.
    pub clause: Option<ClauseTag>,
    /// Whether the case is within the person's reach at all.
    pub in_reach: bool,
    /// Whether the person is one of those who may.
    pub entitled: bool,
    /// Whether it is possible for the person now.
    pub possible: bool,
    /// Why they are entitled: every reason.
    pub grounds: Vec<GroundView>,
    /// Why it is not possible now, in words.
    pub refusal: Option<String>,
    /// Whom the regulation names, as people say it.
    pub named: Vec<String>,
    /// People who could, the first fifty.
    pub could: Vec<CouldView>,
}

fn ground_view(
    around: &Surroundings,
    person: Id,
    ground: &Ground,
    now: Moment,
    language: Language,
) -> GroundView {
    let held = ground.holding.as_ref().and_then(|holding| {
        let known = around.picture.people.get(&person)?;
        known.held.iter().find(|held| {
            held.function == holding.function
                && held.unit == holding.unit
                && held.on_behalf_of == holding.on_behalf_of
                && held.since <= now
                && now < held.until
        })
    });
    GroundView {
        who: language.say(&ground.who),
        function: ground.holding.as_ref().map(|holding| {
            around
                .packs
                .function(&holding.function)
                .map_or_else(|| holding.function.clone(), |known| language.say(&known.title))
        }),
        unit_name: ground
            .holding
            .as_ref()
            .map(|holding| around.picture.unit_name(holding.unit).to_owned()),
        since: held.map(|held| held.since.to_string()),
        until: held
            .filter(|held| held.until.as_millis() < crate::organisation::separation::FOREVER)
            .map(|held| held.until.to_string()),
        on_behalf_of_name: ground
            .holding
            .as_ref()
            .and_then(|holding| around.picture.person_name(holding.on_behalf_of))
            .map(str::to_owned),
    }
}

/// Everybody who could do this, by name, the first [`NAMED`].
fn could(
    app: &App,
    around: &Surroundings,
    pack: &regulation::Pack,
    case: &Case,
    action: &Action,
    language: Language,
) -> Vec<CouldView> {
    let now = Moment::from_millis(app.centre.store.now());
    let mut people: Vec<_> = around
        .picture
        .people
        .values()
        .filter(|person| person.active)
        .collect();
    people.sort_by_key(|person| person.id);
    let mut found = Vec::new();
    for person in people {
        let actor = around.picture.actor(person.id, now);
        if !visible(around, &actor, case) {
            continue;
        }
        let setting = app.centre.setting_for(around, pack, &actor);
        if let Some(ground) = grounds(&setting, case, &action.by).first() {
            found.push(CouldView {
                person: person.id.to_string(),
                name: person.name.clone(),
                who: language.say(&ground.who),
            });
        }
        if found.len() == NAMED {
            break;
        }
    }
    found
}

/// Who may do this, and why. For a case within the caller's reach.
#[utoipa::path(get, path = "/api/rights/explain", tag = "rights", params(RightAsked),
    responses((status = 200, body = RightExplained), Problem))]
pub async fn explain_right(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(asked): Params<RightAsked>,
) -> Answer<Json<RightExplained>> {
    let case = read_id("case", &asked.case)?;
    let around = app.centre.surroundings();
    let (state, _) = app.centre.case(case).await?;
    if !visible(&around, &caller.actor, &state) {
        return Err(Problem::not_found("这个事项", "case"));
    }
    let person = match asked.person.as_deref() {
        None => caller.person,
        Some(text) => read_id("person", text)?,
    };
    if !around.picture.people.contains_key(&person) {
        return Err(Problem::not_found("这个人", "person"));
    }
    let pack = around
        .packs
        .by_hash(&state.pack.hash)
        .ok_or_else(|| Problem::from(ShellError::NoSuchPack(state.pack.hash.to_string())))?;
    let action = pack
        .procedure(&state.procedure)
        .and_then(|procedure| procedure.action(&asked.action))
        .ok_or_else(|| Problem::not_found("这个动作", "action"))?;
    let now = caller.now(&app);
    let actor: Actor = around.picture.actor(person, now);
    let setting = app.centre.setting_for(&around, &pack, &actor);
    let found = grounds(&setting, &state, &action.by);
    let facts = app.centre.facts_of_offers(&setting, &state).await?;
    let language = caller.language;
    let standing = offers(&setting, &state, &facts)
        .into_iter()
        .find(|offer| offer.key == action.key)
        .map(|offer| offer.standing);
    let in_reach = visible(&around, &actor, &state);
    let refusal = match &standing {
        Some(Standing::Refused(refusal)) => Some(language.say(&refusal_said(refusal))),
        _ => None,
    };
    Ok(Json(RightExplained {
        title: language.say(&action.title),
        clause: action
            .clause
            .as_ref()
            .map(|clause| clause_tag(&around.packs, clause, language)),
        in_reach,
        entitled: !found.is_empty(),
        possible: in_reach && refusal.is_none(),
        grounds: found
            .iter()
            .map(|ground| ground_view(&around, person, ground, now, language))
            .collect(),
        refusal,
        named: action
            .by
            .iter()
            .map(|who| language.say(&regulation::decide::say_who(&pack, who)))
            .collect(),
        could: could(&app, &around, &pack, &state, action, language),
    }))
}
