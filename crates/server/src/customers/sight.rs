//! Who sees a customer (GEN-11): whoever registered it, reaches the unit that did, reaches a unit that has a case of
//! theirs or takes part in one; and whoever may see all customers. One that no unit registered (an import's) is the whole
//! company's, or nobody could take its first case. Everybody else is told that there is none.

use regulation::{Actor, Id};
use store::{StoreError, Value};

use crate::app::App;
use crate::http::{Answer, Problem};
use crate::permission::Permission;
use crate::session::Caller;

/// The condition under which the customer `m` with its profile `p` is seen: `$1` the person, `$2` the time, `$3` 1 for
/// who sees all.
macro_rules! seen {
    () => {
        "(CAST($3 AS BIGINT) = 1 OR p.registrar = $1 OR p.unit IS NULL \
         OR p.unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2) \
         OR EXISTS (SELECT 1 FROM cases c WHERE c.customer = m.id AND (c.handler = $1 OR c.first_contact_owner = $1 \
           OR c.registrar = $1 \
           OR c.unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2) \
           OR c.owning_unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2))) \
         OR EXISTS (SELECT 1 FROM contacts t WHERE t.customer = m.id AND (t.person = $1 \
           OR t.unit IN (SELECT unit FROM scopes WHERE person = $1 AND since <= $2 AND until > $2))))"
    };
}
pub(crate) use seen;

const ONE: &str = concat!(
    "SELECT 1 FROM customers m LEFT JOIN customer_profiles p ON p.id = m.id WHERE m.id = $4 AND ",
    seen!()
);

/// The first three parameters of [`seen!`].
pub fn params(app: &App, caller: &Caller) -> [Value; 3] {
    params_of(app, caller.person, &caller.actor)
}

/// The same for work that goes on after its request.
pub fn params_of(app: &App, person: Id, actor: &Actor) -> [Value; 3] {
    [
        person.0.into(),
        app.centre.store.now().into(),
        Permission::SeeAllCustomers.anywhere(actor).into(),
    ]
}

/// Whether the caller sees this customer.
pub async fn sees(app: &App, caller: &Caller, customer: Id) -> Result<bool, StoreError> {
    let [person, now, all] = params(app, caller);
    let rows = app
        .centre
        .store
        .query(ONE, &[person, now, all, customer.0.into()])
        .await?;
    Ok(!rows.is_empty())
}

/// Refuses who does not see this customer; the same as if there were none.
pub async fn must_see(app: &App, caller: &Caller, customer: Id) -> Answer<()> {
    if sees(app, caller, customer).await? {
        Ok(())
    } else {
        Err(Problem::not_found("这位客户", "customer"))
    }
}
