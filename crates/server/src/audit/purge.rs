//! Dropping lines of the access log whose time is over: never before six months.

use std::sync::Arc;
use std::time::Duration;

use store::{Store, StoreError};

use crate::access_log::KEPT;
use crate::app::App;
use crate::session::LogInSettings;

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(3600);
const DAY_MS: i64 = 24 * 3_600_000;

const PURGE: &str = "DELETE FROM access_log WHERE at < $1";

/// Drops lines older than they are kept for, as set, but never earlier than [`KEPT`]; gives how many.
pub async fn purge(store: &Store, settings: &LogInSettings) -> Result<u64, StoreError> {
    let kept = settings.access_log_days.saturating_mul(DAY_MS).max(KEPT);
    store.execute(PURGE, &[(store.now() - kept).into()]).await
}

/// Looks at it every hour until the application stops. On several nodes each does it, which is as good as one.
pub async fn keep(app: Arc<App>) {
    let store = &app.centre.store;
    loop {
        let done = async {
            let settings = LogInSettings::read(store).await?;
            app.sessions.set_idle(settings.idle_minutes);
            purge(store, &settings).await
        };
        match done.await {
            Ok(0) => {}
            Ok(lines) => tracing::info!(lines, "lines of the access log whose time was over are dropped"),
            Err(StoreError::Closed) => return,
            Err(error) => tracing::warn!(%error, "the access log was not looked at"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = app.live.stopped() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_log::Access;
    use crate::schema::MIGRATIONS;

    const AGE: &str = "UPDATE access_log SET at = at - $1 WHERE deed = $2";
    const LEFT: &str = "SELECT deed FROM access_log ORDER BY deed";

    #[tokio::test]
    async fn gen_11_lines_are_kept_six_months_whatever_is_set() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
        for (deed, days) in [("young", 10), ("half_a_year", 185), ("old", 187)] {
            let access = Access {
                deed,
                ..Access::default()
            };
            access.record(&store).await.unwrap();
            store
                .execute(AGE, &[(days * DAY_MS).into(), deed.into()])
                .await
                .unwrap();
        }
        let hasty = LogInSettings {
            access_log_days: 1,
            ..LogInSettings::default()
        };
        assert_eq!(purge(&store, &LogInSettings::default()).await.unwrap(), 0);
        assert_eq!(purge(&store, &hasty).await.unwrap(), 1);
        let left = store.query(LEFT, &[]).await.unwrap();
        let left: Vec<_> = left.iter().map(|row| row.text(0).unwrap()).collect();
        assert_eq!(left, ["half_a_year", "young"]);
    }
}
