//! A case that the caller may see, for folders that hang something on cases.

use regulation::{Case, Id};

use super::shell::ShellError;
use super::view::visible;
use crate::app::App;
use crate::http::{Answer, Problem};
use crate::session::Caller;

/// The case, or the refusal that does not tell whether there is one.
pub async fn reachable(app: &App, caller: &Caller, case: Id) -> Answer<Case> {
    let around = app.centre.surroundings();
    let found = match app.centre.case(case).await {
        Ok((found, _)) => Some(found),
        Err(ShellError::NoSuchCase(_)) => None,
        Err(error) => return Err(error.into()),
    };
    found
        .filter(|found| visible(&around, &caller.actor, found))
        .ok_or_else(|| Problem::not_found("这个事项", "case"))
}
