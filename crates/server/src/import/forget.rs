//! What imports keep of a record that is erased: the file it came in, the cells of faulty rows, the key of its row.

use regulation::Id;
use store::{Batch, Store, StoreError};

const IMPORTS: &str = "SELECT DISTINCT import FROM import_rows WHERE record = $1";
const FILE: &str = "DELETE FROM job_files WHERE job = $1";
const FAULTS: &str = "UPDATE import_faults SET value = '' WHERE import = $1";
const ROW: &str = "DELETE FROM import_rows WHERE record = $1";

/// Adds to a batch that imports keep nothing of a record. The rest of the import can be taken back as before.
pub async fn forget(store: &Store, batch: &mut Batch, record: Id) -> Result<(), StoreError> {
    for row in store.query(IMPORTS, &[record.0.into()]).await? {
        let import = row.int(0)?;
        batch.statement(FILE, vec![import.into()]);
        batch.statement(FAULTS, vec![import.into()]);
    }
    batch.statement(ROW, vec![record.0.into()]);
    Ok(())
}
