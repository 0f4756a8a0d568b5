//! The first start of an empty centre, and the way back to it from the demo.
//!
//! Knows whether anybody is there yet, and the one-time code that the terminal showed. While nobody is there every other part
//! of the API is shut, so that nobody on the network finds an open door; whoever knows the code sets the centre up in eleven
//! answers, once. Removing the demo puts its whole database aside, unbent, and begins a new one: a history is never cut.

mod api;
mod demo;
mod hours;
mod make;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use store::StoreError;
use tokio::sync::{Mutex, Notify};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use api::{FirstCentre, SetUp, SetUpOffer};

use crate::app::App;
use crate::http::Problem;
use crate::session::secret;

/// Letters and digits that are not mistaken for one another when read off a terminal.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Characters of a code: 60 bits of chance.
const LENGTH: usize = 12;

/// The first start of this process, where nobody was there when it began.
#[derive(Debug)]
pub struct FirstStart {
    code: String,
    /// One at a time.
    making: Mutex<()>,
}

impl FirstStart {
    /// A first start with a new code.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn begin() -> Result<Self, StoreError> {
        let chance = secret::random::<LENGTH>()?;
        let code = chance
            .iter()
            .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
            .map(|letter| char::from(*letter))
            .collect();
        Ok(FirstStart {
            code,
            making: Mutex::default(),
        })
    }

    /// The code as it is shown: in groups of four.
    pub fn shown(&self) -> String {
        let letters: Vec<char> = self.code.chars().collect();
        let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
        groups.join("-")
    }

    /// Whether this is the code, however it was typed.
    fn fits(&self, typed: &str) -> bool {
        let typed: String = typed
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(2 * LENGTH)
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        secret::same(typed.as_bytes(), self.code.as_bytes())
    }
}

/// That the demo was removed: whoever serves begins anew.
#[derive(Debug, Default)]
pub struct Removal {
    asked: std::sync::OnceLock<String>,
    told: Notify,
}

impl Removal {
    fn ask(&self, name: String) {
        let _ = self.asked.set(name);
        self.told.notify_one();
    }

    /// Waits until the demo is removed; the name under which its database is put aside.
    pub async fn asked(&self) -> String {
        loop {
            if let Some(name) = self.asked.get() {
                return name.clone();
            }
            self.told.notified().await;
        }
    }
}

/// The routes of this folder.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(api::first_start, api::set_up))
        .routes(routes!(demo::demo_centre, demo::remove_demo))
}

/// The first start, while nobody is there.
pub(crate) fn awaited(app: &App) -> Option<&FirstStart> {
    let first = app.first_start.as_ref()?;
    app.centre
        .surroundings()
        .picture
        .people
        .is_empty()
        .then_some(first)
}

/// Shuts everything but the set-up while nobody is there.
pub async fn gate(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let shut = path.starts_with("/api/") && path != "/api/setup";
    if shut && awaited(&app).is_some() {
        return Problem::conflict(
            "not_set_up",
            "这个中心还没有设置。请用启动时终端上显示的一次性代码完成首次设置。",
            "This centre is not set up yet. Do the first set-up with the one-time code that the terminal showed at start.",
        )
        .into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_fits_however_it_is_typed_and_no_other_does() {
        let (first, other) = (FirstStart::begin().unwrap(), FirstStart::begin().unwrap());
        assert_eq!(first.code.len(), LENGTH);
        assert!(first.fits(&first.shown()));
        assert!(first.fits(&format!(" {} ", first.shown().to_lowercase().replace('-', " "))));
        for wrong in ["", "A", &other.shown(), &first.code.repeat(2)] {
            assert!(!first.fits(wrong), "{wrong}");
        }
    }
}
