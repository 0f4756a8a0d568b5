//! `/api/demo`: what the demo centre is made of, and its removal as one act.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use regulation::Said;
use serde::{Deserialize, Serialize};
use store::StoreError;
use utoipa::ToSchema;

use crate::app::App;
use crate::http::{Answer, Body, Problem};
use crate::permission::Permission;
use crate::session::Caller;

/// What must be typed, in either language.
const CONFIRM: [&str; 2] = ["移除演示数据", "remove the demo"];

/// What a removal takes, or why there is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemoCentre {
    /// What must be typed to confirm.
    pub confirm: String,
    /// Why it cannot be removed; empty where it can.
    pub refused: Vec<String>,
    /// Cases.
    pub cases: i64,
    /// Customers.
    pub customers: i64,
    /// People of the demo.
    pub people: i64,
    /// People who are not of the demo; they go with it.
    pub people_of_your_own: i64,
    /// Contacts.
    pub contacts: i64,
    /// Files.
    pub files: i64,
    /// Numbers of cases that are not of the demo, at most twenty.
    pub own_cases: Vec<String>,
}

/// The removal of the demo.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DemoRemoval {
    /// The words that `GET /api/demo` names.
    pub confirm: String,
}

/// The removal that is under way.
#[derive(Debug, Serialize, ToSchema)]
pub struct DemoRemoved {
    /// Under which name the database is put aside, whole, with its proofs.
    pub put_aside_as: String,
    /// What went.
    pub removed: DemoCentre,
}

const COUNTS: &str = "SELECT (SELECT COUNT(*) FROM cases), (SELECT COUNT(*) FROM customers), \
     (SELECT COUNT(*) FROM people WHERE demo = 1), (SELECT COUNT(*) FROM people WHERE demo = 0), \
     (SELECT COUNT(*) FROM contacts), (SELECT COUNT(*) FROM attachments)";
// Registered by somebody who is not of the demo, or brought in from a file
const OWN_CASES: &str = "SELECT c.number FROM cases c LEFT JOIN people p ON p.id = c.registrar \
     WHERE p.demo = 0 OR c.id IN (SELECT record FROM import_rows) \
     OR c.id IN (SELECT record FROM claims WHERE name LIKE 'import:%') ORDER BY c.id LIMIT 20";
// $1 now
const NODES: &str = "SELECT COUNT(*) FROM nodes WHERE until > $1";

async fn found(app: &App, caller: &Caller) -> Answer<DemoCentre> {
    let store = &app.centre.store;
    let counts = store.query(COUNTS, &[]).await?;
    let row = counts
        .first()
        .ok_or_else(|| StoreError::Failed("no counts".into()))?;
    let own = store.query(OWN_CASES, &[]).await?;
    let own_cases: Vec<String> = own
        .iter()
        .map(|row| row.text(0).map(str::to_owned))
        .collect::<Result<_, _>>()?;
    let nodes = store.query(NODES, &[store.now().into()]).await?;
    let nodes = nodes.first().map_or(Ok(1), |row| row.int(0))?;
    let say = |zh: String, en: String| caller.language.say(&Said::new(zh, en));
    let mut refused = Vec::new();
    if !own_cases.is_empty() {
        let numbers = own_cases.join("、");
        refused.push(say(
            format!("有不属于演示数据的事项：{numbers}。有了真实事项的中心不能移除。"),
            format!("There are cases that are not of the demo: {numbers}. A centre with real cases is not removed."),
        ));
    }
    if nodes > 1 {
        refused.push(say(
            "还有其他节点在使用这个数据库。请先停掉它们。".to_owned(),
            "Other nodes work on this database. Stop them first.".to_owned(),
        ));
    }
    Ok(DemoCentre {
        confirm: caller.language.pick(CONFIRM[0], CONFIRM[1]).to_owned(),
        refused,
        cases: row.int(0)?,
        customers: row.int(1)?,
        people: row.int(2)?,
        people_of_your_own: row.int(3)?,
        contacts: row.int(4)?,
        files: row.int(5)?,
        own_cases,
    })
}

fn demo(app: &App, caller: &Caller) -> Answer<()> {
    caller.need(app, Permission::ManageSettings)?;
    let picture = app.centre.surroundings().picture;
    if picture.people.values().any(|person| person.demo) {
        Ok(())
    } else {
        Err(Problem::not_found("演示数据", "demo centre"))
    }
}

/// What a removal of the demo would take, and what stands against it.
#[utoipa::path(get, path = "/api/demo", tag = "first start", responses((status = 200, body = DemoCentre), Problem))]
pub async fn demo_centre(State(app): State<Arc<App>>, caller: Caller) -> Answer<Json<DemoCentre>> {
    demo(&app, &caller)?;
    Ok(Json(found(&app, &caller).await?))
}

/// Remove the demo: its whole database is put aside, and the server begins anew at its first start. Refused where there are
/// cases that are not of the demo.
#[utoipa::path(delete, path = "/api/demo", tag = "first start", request_body = DemoRemoval,
    responses((status = 202, body = DemoRemoved), Problem))]
pub async fn remove_demo(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(removal): Body<DemoRemoval>,
) -> Answer<(StatusCode, Json<DemoRemoved>)> {
    demo(&app, &caller)?;
    if !CONFIRM.contains(&removal.confirm.trim()) {
        let [zh, en] = CONFIRM;
        return Err(Problem::input(vec![(
            "confirm".to_owned(),
            Said::new(format!("请输入“{zh}”以确认"), format!("type \"{en}\" to confirm")),
        )]));
    }
    let removed = found(&app, &caller).await?;
    if let Some(first) = removed.refused.first() {
        return Err(Problem::conflict("not_only_demo", first.clone(), first.clone()));
    }
    caller
        .access("demo_removed", "")
        .record(&app.centre.store)
        .await?;
    let put_aside_as = format!("demo_{}", app.centre.store.now());
    app.removal.ask(put_aside_as.clone());
    let answer = DemoRemoved {
        put_aside_as,
        removed,
    };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}
