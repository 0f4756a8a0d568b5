//! Files that may hold a person who is erased: every list of customers or cases that was taken away is made void.

use store::{Batch, Store, StoreError};

use super::NewExport;

// Jobs and their files are kept for a few days, so these are few.
const EXPORTS: &str = "SELECT id, asked FROM jobs WHERE kind = 'export' AND state IN ('running', 'done')";
const FILE: &str = "DELETE FROM job_files WHERE job = $1";
const VOID: &str = "UPDATE jobs SET state = 'cancelled', result = NULL, why_zh = $2, why_en = $3 \
     WHERE id = $1 AND state = 'done'";
const STOP: &str = "UPDATE jobs SET cancelled = 1 WHERE id = $1 AND ended IS NULL";

const WHY: (&str, &str) = (
    "名单中有客户的资料已按本人请求删除，文件一并删除。请重新导出。",
    "Somebody on the list was erased on their request, and the file with them. Ask for the list again.",
);

/// Adds to a batch that lists of customers and cases are deleted, and those being written are stopped.
pub async fn forget(store: &Store, batch: &mut Batch) -> Result<(), StoreError> {
    for row in store.query(EXPORTS, &[]).await? {
        let id = row.int(0)?;
        let asked: Option<NewExport> = serde_json::from_str(row.text(1)?).ok();
        // What cannot be read may hold anything.
        if asked.is_some_and(|asked| !asked.what.owes_reason()) {
            continue;
        }
        batch.statement(FILE, vec![id.into()]);
        batch.statement(VOID, vec![id.into(), WHY.0.into(), WHY.1.into()]);
        batch.statement(STOP, vec![id.into()]);
    }
    Ok(())
}
