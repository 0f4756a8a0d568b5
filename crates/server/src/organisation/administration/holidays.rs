//! `/api/holidays`: a year's holiday notice.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::faulty;
use crate::app::App;
use crate::http::{Answer, Body};
use crate::organisation::{NoticeError, set_holidays};
use crate::permission::Permission;
use crate::session::Caller;

/// A notice.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolidayNotice {
    /// CSV with the columns `date,kind,name`; the kind is `off` or `work`.
    pub csv: String,
}

/// What was taken in.
#[derive(Debug, Serialize, ToSchema)]
pub struct HolidaysTaken {
    /// The years it speaks of. Open deadlines are worked out again.
    pub years: Vec<i16>,
}

/// Take a holiday notice in.
#[utoipa::path(post, path = "/api/holidays", tag = "organisation", request_body = HolidayNotice,
    responses((status = 200, body = HolidaysTaken), crate::http::Problem))]
pub async fn take_holidays(
    State(app): State<Arc<App>>,
    caller: Caller,
    Body(notice): Body<HolidayNotice>,
) -> Answer<Json<HolidaysTaken>> {
    caller.need(&app, Permission::ManageUnits)?;
    caller
        .access("holidays_taken", "holidays")
        .record(&app.centre.store)
        .await?;
    let years = set_holidays(&app.centre, &notice.csv, Some(caller.person))
        .await
        .map_err(|error| match error {
            NoticeError::Holidays(error) => {
                faulty("csv", &format!("节假日文件有误：{error}"), &error.to_string())
            }
            NoticeError::Store(error) => error.into(),
            NoticeError::Commit(error) => error.into(),
        })?;
    Ok(Json(HolidaysTaken { years }))
}
