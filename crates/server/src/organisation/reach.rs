//! Over whom an administrator has a permission: over people all of whose functions, held now or later, lie in units
//! where the permission reaches; and over people who hold nothing.

use calendar::Moment;
use regulation::{Actor, Id};

use super::Picture;
use crate::app::App;
use crate::http::{Answer, Problem};
use crate::permission::Permission;
use crate::session::Caller;

/// Whether the actor has the permission over this person. Nobody has one over people who are not there.
pub fn over_person(
    picture: &Picture,
    actor: &Actor,
    permission: Permission,
    person: Id,
    now: Moment,
) -> bool {
    let Some(person) = picture.people.get(&person) else {
        return false;
    };
    permission.anywhere(actor)
        && person
            .held
            .iter()
            .filter(|held| now < held.until)
            .all(|held| permission.over(actor, picture, held.unit))
}

/// Refuses who does not have a permission over this person; people who are not there are not told apart.
pub fn need_over_person(app: &App, caller: &Caller, permission: Permission, person: Id) -> Answer<()> {
    caller.need(app, permission)?;
    let picture = app.centre.surroundings().picture;
    if over_person(&picture, &caller.actor, permission, person, caller.now(app)) {
        return Ok(());
    }
    Err(Problem::not_found("这个人", "person"))
}
