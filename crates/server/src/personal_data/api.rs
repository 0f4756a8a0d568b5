//! `/api/customers/{id}/data` and `…/erasure`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use regulation::Id;
use serde::{Deserialize, Serialize};
use store::RecordId;
use utoipa::ToSchema;

use super::gather::{self, PersonalData};
use super::plan::{Refused, plan};
use super::{erase, readable};
use crate::access_log::Access;
use crate::app::App;
use crate::customers::api::id;
use crate::customers::unmask::reason;
use crate::customers::{change, sight};
use crate::http::wire::clause_tag;
use crate::http::{Answer, Body, Problem, Route};
use crate::permission::Permission;
use crate::session::Caller;

/// How often an erasure is made anew when a record went on meanwhile.
const ATTEMPTS: usize = 4;

/// Why the data are wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DataWanted {
    /// The person's request, and how they proved who they are.
    pub reason: String,
}

/// Everything held of a person.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataGiven {
    /// For programs.
    pub data: PersonalData,
    /// For the person.
    pub text: String,
}

async fn written(app: &App, caller: &Caller, customer: Id, deed: &str, reason: &str) -> Answer<()> {
    let access = Access {
        person: Some(caller.person),
        deed,
        subject: &format!("customer:{customer}"),
        reason: Some(reason),
        ..Access::default()
    };
    access.record(&app.centre.store).await.map_err(Problem::from)
}

/// Everything held of a person, in full, on their request.
#[utoipa::path(post, path = "/api/customers/{id}/data", tag = "customers", request_body = DataWanted,
    params(("id" = String, Path, description = "The customer")),
    responses((status = 200, body = DataGiven), Problem))]
pub async fn personal_data(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(wanted): Body<DataWanted>,
) -> Answer<Json<DataGiven>> {
    let customer = id("id", &text)?;
    sight::must_see(&app, &caller, customer).await?;
    caller.need(&app, Permission::AnswerDataRequests)?;
    let reason = reason(&wanted.reason)?;
    written(&app, &caller, customer, "data_shown", reason).await?;
    let data = gather::data(&app, &caller, customer).await?;
    let text = readable::text(&data);
    Ok(Json(DataGiven { data, text }))
}

/// A person's request to be erased.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErasureWanted {
    /// The person's request, and how they proved who they are.
    pub reason: String,
    /// Only tell what would be done.
    #[serde(default)]
    pub dry_run: bool,
}

/// What an erasure did, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erasure {
    /// Whether it was done.
    pub done: bool,
    /// Why it is refused.
    pub refused: Vec<String>,
    /// How many cases, contacts, customer records and files go.
    pub cases: usize,
    /// Contacts.
    pub contacts: usize,
    /// Customer records.
    pub records: usize,
    /// Files.
    pub files: usize,
    /// What stays, and why.
    pub kept: Vec<KeptSaid>,
}

/// Something that stays.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptSaid {
    /// What.
    pub number: String,
    /// Why.
    pub why: String,
}

/// Erase a person's data on their request. Refused while cases are open or under legal hold; cases within the term of their
/// regulation stay and are named.
#[utoipa::path(post, path = "/api/customers/{id}/erasure", tag = "customers", request_body = ErasureWanted,
    params(("id" = String, Path, description = "The customer")),
    responses((status = 200, body = Erasure), Problem))]
pub async fn erase_personal_data(
    State(app): State<Arc<App>>,
    caller: Caller,
    Route(text): Route<String>,
    Body(wanted): Body<ErasureWanted>,
) -> Answer<Json<Erasure>> {
    let customer = id("id", &text)?;
    sight::must_see(&app, &caller, customer).await?;
    caller.need(&app, Permission::AnswerDataRequests)?;
    let reason = reason(&wanted.reason)?;
    let store = &app.centre.store;
    let missing = || Problem::not_found("这位客户", "customer");
    for _ in 0..ATTEMPTS {
        let standing = change::load(store, customer).await?.ok_or_else(missing)?;
        if standing.customer.merged_into.is_some() {
            return Err(missing());
        }
        let gathered = gather::gather(&app, &caller, customer).await?;
        let plan = plan(&gathered.cases, &gathered.contacts, caller.now(&app));
        let attached = gather::attachments(&app, &plan.cases, &plan.contacts).await?;
        let packs = app.centre.surroundings().packs;
        let say = |refused: &Refused| {
            let why = caller.language.say(&refused.why);
            match &refused.clause {
                Some(clause) => {
                    let tag = clause_tag(&packs, clause, caller.language);
                    format!("{why}（{} {}）", tag.number, tag.title)
                }
                None => why,
            }
        };
        let mut erasure = Erasure {
            done: false,
            refused: plan.refused.iter().map(say).collect(),
            cases: plan.cases.len(),
            contacts: plan.contacts.len(),
            records: gathered.customers.len(),
            files: attached.len(),
            kept: plan
                .kept
                .iter()
                .map(|kept| KeptSaid {
                    number: kept.number.clone(),
                    why: caller.language.say(&kept.why),
                })
                .collect(),
        };
        if wanted.dry_run {
            return Ok(Json(erasure));
        }
        if let Some(first) = plan.refused.first() {
            let problem = Problem::conflict("not_erasable", first.why.zh.clone(), first.why.en.clone());
            return Err(match &first.clause {
                Some(clause) => problem.citing(clause.clone()),
                None => problem,
            });
        }
        written(&app, &caller, customer, "data_erased", reason).await?;
        let ids = plan.cases.iter().chain(&plan.contacts).chain(&gathered.customers);
        let mut records: Vec<RecordId> = ids.map(|id| RecordId(id.0)).collect();
        records.extend(attached.iter().map(|(record, _)| *record));
        let order = erase::Order {
            customer,
            person: caller.person,
            reason,
            customers: &gathered.customers,
            cases: &plan.cases,
            kept: &plan
                .kept
                .iter()
                .map(|kept| kept.number.clone())
                .collect::<Vec<_>>(),
        };
        if erase::erase(store, &order, &records, &gathered.seen)
            .await?
            .is_some()
        {
            let files = attached.into_iter().map(|(_, file)| file).collect();
            if let Err(error) = erase::remove_files(&app, files).await {
                tracing::error!(%error, "files of erased records are still there; they are collected within a day");
            }
            erasure.done = true;
            return Ok(Json(erasure));
        }
    }
    Err(change::busy())
}
