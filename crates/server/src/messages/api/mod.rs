//! `/api/notices`, `/api/outbox`, `/api/webhooks`, and the door at which gateways leave receipts.

mod notices;
mod outbox;
mod receipts;
mod webhooks;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::http::Problem;

/// The routes of messages.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(notices::notices))
        .routes(routes!(notices::unread))
        .routes(routes!(notices::read))
        .routes(routes!(notices::choices, notices::choose))
        .routes(routes!(outbox::messages))
        .routes(routes!(outbox::resend))
        .routes(routes!(outbox::give_up))
        .routes(routes!(outbox::sending, outbox::set_sending))
        .routes(routes!(receipts::sms_receipts))
        .routes(routes!(webhooks::webhooks, webhooks::create_webhook))
        .routes(routes!(
            webhooks::webhook,
            webhooks::change_webhook,
            webhooks::end_webhook
        ))
        .routes(routes!(webhooks::resend_webhook))
}

/// Newest first: the id before which the next page begins.
fn before(after: Option<&str>) -> Result<i64, Problem> {
    match after {
        None => Ok(i64::MAX),
        Some(_) => crate::cases::query::Cursor::read(after).map(|cursor| cursor.1),
    }
}

/// The mark of the next page, where there is more than one page holds.
fn cut<T>(rows: &mut Vec<T>, limit: i64, id: impl Fn(&T) -> i64) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.last()
        .filter(|_| more)
        .map(|last| crate::cases::query::Cursor(0, id(last)).text())
}

/// An id as the API writes it.
fn id(text: &str, zh: &str, en: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::not_found(zh, en))
}
