//! What every request shares.

use crate::attachments::Keeper;
use crate::centre::Centre;
use crate::first_start::{FirstStart, Removal};
use crate::http::WayIn;
use crate::live::Live;
use crate::messages::Running;
use crate::search::Search;
use crate::session::directory::Directory;
use crate::session::oidc::Provider;
use crate::session::{Attempts, Sessions};
use crate::tokens::Rates;

/// The running application: the centre, log-ins, live listeners.
pub struct App {
    /// The centre.
    pub centre: std::sync::Arc<Centre>,
    /// Log-ins.
    pub sessions: Sessions,
    /// Wrong passwords.
    pub attempts: Attempts,
    /// Requests of programs.
    pub token_rates: Rates,
    /// Live listeners.
    pub live: Live,
    /// The sending side.
    pub messages: Running,
    /// Search; ready once [`crate::search::run`] has opened it.
    pub search: Search,
    /// Turns at comparing passwords: as many at once as there are cores.
    pub comparing: tokio::sync::Semaphore,
    /// The company's directory, where people without a password here prove who they are.
    pub directory: Option<Directory>,
    /// The company's OpenID provider, where people may log in too.
    pub oidc: Option<Provider>,
    /// Where attachments are kept; none where no folder is set.
    pub attachments: Option<std::sync::Arc<Keeper>>,
    /// Whether cookies are marked `Secure` (the way in is HTTPS).
    pub secure_cookies: bool,
    /// The first start, where nobody was there when this process began.
    pub first_start: Option<FirstStart>,
    /// That the demo was removed.
    pub removal: Removal,
    /// Told when a job was added or changed.
    pub jobs: tokio::sync::Notify,
    /// How requests come in: trusted proxies, HTTPS, limits.
    pub way_in: WayIn,
}

impl App {
    /// An application over a centre.
    pub fn new(centre: std::sync::Arc<Centre>, secure_cookies: bool) -> Self {
        App {
            centre,
            sessions: Sessions::default(),
            attempts: Attempts::default(),
            token_rates: Rates::default(),
            live: Live::default(),
            messages: Running::default(),
            search: Search::default(),
            comparing: tokio::sync::Semaphore::new(
                std::thread::available_parallelism().map_or(2, usize::from),
            ),
            directory: None,
            oidc: None,
            attachments: None,
            secure_cookies,
            first_start: None,
            removal: Removal::default(),
            jobs: tokio::sync::Notify::new(),
            way_in: WayIn::default(),
        }
    }

    /// The same behind this way in.
    #[must_use]
    pub fn behind(mut self, way_in: WayIn) -> Self {
        self.way_in = way_in;
        self
    }

    /// The same with gateways to send by.
    pub fn with_messages(self, messages: Running) -> Self {
        App { messages, ..self }
    }
}
