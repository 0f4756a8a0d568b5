//! Refusals on their way out: by a clause, written down for its report; by a name that is taken, put in the clause's words.

use regulation::decide::{Claim, refused_event};
use regulation::{Command, Id, Pack, Refusal, Said};
use store::CommitError;

use super::work::Work;
use super::{ATTEMPTS, Order};
use crate::centre::Centre;

impl Centre {
    /// A refusal by a clause is counted in the clause's report; failing to write that down changes no answer.
    pub(super) async fn record_refusal(&self, order: &Order<'_>, refusal: &Refusal) {
        let (Some(case), Command::Act { action, .. }) = (order.case, &order.command) else {
            return;
        };
        for _ in 0..ATTEMPTS {
            let surroundings = self.surroundings();
            let Ok(loaded) = self.load(Some(case)).await else {
                return;
            };
            let Ok(pack) = self.pack_for(&surroundings, order, loaded.case.as_ref()) else {
                return;
            };
            let setting = self.setting(&surroundings, &pack, order);
            let Some(event) = loaded
                .case
                .as_ref()
                .and_then(|case| refused_event(&setting, case, action, refusal))
            else {
                return;
            };
            let mut work = Work::new(setting.now);
            work.records.insert(case, loaded);
            if work.events(case, std::slice::from_ref(&event), None).is_err() {
                return;
            }
            match self.store.commit(work.finish().0).await {
                Err(CommitError::Stale { .. }) => {}
                Err(error) => {
                    tracing::warn!(%error, %case, "a refusal could not be written down");
                    return;
                }
                Ok(_) => return,
            }
        }
    }
}

/// Who came too late for a name that may be taken only once.
pub(super) fn taken(pack: &Pack, claims: &[Claim], name: &str, by: Id) -> Refusal {
    let unique = pack
        .procedures
        .values()
        .flat_map(|procedure| &procedure.unique)
        .find(|unique| unique.name == name);
    match unique {
        Some(unique) => Refusal::Taken {
            clause: unique.clause.clone(),
            say: unique.say.clone(),
            by: Some(by),
        },
        None => {
            let key = claims
                .iter()
                .find(|claim| claim.name == name)
                .map_or("", |claim| claim.key.as_str());
            Refusal::Settled {
                say: Said {
                    zh: format!("{name}：{key}已登记"),
                    en: format!("{name}: {key} is registered already"),
                },
                at: None,
            }
        }
    }
}
