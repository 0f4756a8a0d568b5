//! The door at which the SMS gateway leaves receipts. Nobody is logged in here: the gateway's signature is what counts, and
//! whoever has none is told what everybody is told who is not logged in.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use channels::sms::BadReceipt;
use store::Batch;

use crate::app::App;
use crate::http::{Answer, Problem};

// A receipt may come twice or late: only what a gateway took can have reached somebody or not.
const SETTLE: &str =
    "UPDATE outbox SET state = $2, error = $3 WHERE channel = 'sms' AND gateway_id = $1 AND state = 'sent'";

/// Receipts of SMS, in the shape and with the signature that the configuration describes.
#[utoipa::path(post, path = "/api/receipts/sms", tag = "outbox", request_body(content = String, content_type = "application/json"),
    responses((status = 204), Problem))]
pub async fn sms_receipts(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<StatusCode> {
    let gateway = app
        .messages
        .gateways
        .as_ref()
        .and_then(|gateways| gateways.sms.as_ref());
    let Some(receipts) = gateway.and_then(|gateway| gateway.settings().receipts.as_ref()) else {
        return Err(Problem::unauthenticated());
    };
    let store = &app.centre.store;
    let header = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
    let read = receipts
        .read(header, &body, store.now())
        .map_err(|bad| match bad {
            BadReceipt::Unsigned => Problem::unauthenticated(),
            BadReceipt::Unreadable => Problem::malformed(
                "回执的格式与设置不符。",
                "The receipt does not look like the settings say.",
            ),
        })?;
    let mut batch = Batch::new();
    for receipt in read {
        let state = if receipt.delivered { "delivered" } else { "failed" };
        let error = (!receipt.delivered).then_some(receipt.word);
        batch.statement(SETTLE, vec![receipt.id.into(), state.into(), error.into()]);
    }
    store.commit(batch).await?;
    Ok(StatusCode::NO_CONTENT)
}
