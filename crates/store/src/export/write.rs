//! Writing an export, from one view of the database, while others write.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{
    EVENTS, FORMAT, Kind, MANIFEST, Manifest, TableFile, TableProgress, catalogue, table_path, to_line,
};
use crate::engine::Sql;
use crate::error::StoreError;
use crate::history::SignedRoot;
use crate::history::hash::to_hex;
use crate::snapshot::Snapshot;
use crate::store::Store;

/// Exports everything into a new or empty folder. The manifest is written last: a folder without one is not whole.
pub async fn export(
    store: &Store,
    folder: &Path,
    mut progress: impl FnMut(TableProgress<'_>),
) -> Result<Manifest, StoreError> {
    let failed = |error: &std::io::Error| StoreError::file(folder, error);
    let tables = folder.join("tables");
    fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    if fs::read_dir(folder)
        .map_err(|error| failed(&error))?
        .next()
        .is_some()
    {
        return Err(StoreError::Failed(format!(
            "{} is not empty: name a new folder",
            folder.display()
        )));
    }
    fs::create_dir_all(&tables).map_err(|error| failed(&error))?;
    let mut snapshot = store.engine().snapshot().await?;
    let texts = store.engine().texts();
    let mut files = Vec::new();

    let columns = EVENTS
        .iter()
        .map(|(name, kind)| ((*name).to_owned(), *kind))
        .collect();
    let mut asked = vec![Sql::new(texts.range, vec![0.into(), i64::MAX.into()])];
    asked.extend(texts.waiting.map(|waiting| Sql::new(waiting, Vec::new())));
    files.push(write_table(&mut snapshot, folder, "events", columns, asked, &mut progress).await?);
    for table in catalogue(&mut snapshot, texts.catalogue).await? {
        let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let ask = format!("SELECT {} FROM {} ORDER BY 1", names.join(", "), table.name);
        let asked = vec![Sql::new(ask, Vec::new())];
        files.push(
            write_table(
                &mut snapshot,
                folder,
                &table.name,
                table.columns,
                asked,
                &mut progress,
            )
            .await?,
        );
    }
    let migrations = Sql::new("SELECT number FROM schema_migrations ORDER BY number", Vec::new());
    let migrations: Result<Vec<u32>, StoreError> = snapshot
        .query(migrations)
        .await?
        .iter()
        .map(|row| row.int(0).map(|number| u32::try_from(number).unwrap_or(u32::MAX)))
        .collect();
    let root = snapshot
        .query(Sql::new(crate::history::NEWEST_ROOT, Vec::new()))
        .await?;
    let newest_id = Sql::new("SELECT coalesce(max(highest), 0) FROM nodes", Vec::new());
    let newest_id = snapshot
        .query(newest_id)
        .await?
        .first()
        .map_or(Ok(0), |row| row.int(0))?;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        engine: store.engine_name().to_owned(),
        made: store.now(),
        migrations: migrations?,
        root: root
            .first()
            .map(SignedRoot::read)
            .transpose()?
            .map(|root| root.witness()),
        newest_id_ms: newest_id,
        tables: files,
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| StoreError::Failed(error.to_string()))?;
    let write = || -> std::io::Result<()> {
        let mut file = File::create_new(folder.join(MANIFEST))?;
        file.write_all(&text)?;
        file.sync_all()?;
        File::open(&tables)?.sync_all()?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|error| failed(&error))?;
    Ok(manifest)
}

async fn write_table(
    snapshot: &mut Snapshot,
    folder: &Path,
    name: &str,
    columns: Vec<(String, Kind)>,
    asked: Vec<Sql>,
    progress: &mut impl FnMut(TableProgress<'_>),
) -> Result<TableFile, StoreError> {
    let path = table_path(folder, name);
    let failed = |error: std::io::Error| StoreError::file(&path, &error);
    let mut file = BufWriter::new(File::create_new(&path).map_err(failed)?);
    let (mut hasher, mut rows) = (Sha256::new(), 0);
    for sql in asked {
        let mut portions = snapshot.stream(sql).await?;
        while let Some(portion) = portions.recv().await {
            for answer in portion? {
                let line = to_line(answer.values())?;
                hasher.update(&line);
                file.write_all(&line).map_err(failed)?;
                rows += 1;
            }
            progress(TableProgress { table: name, rows });
        }
    }
    file.flush().map_err(failed)?;
    file.get_ref().sync_all().map_err(failed)?;
    Ok(TableFile {
        name: name.to_owned(),
        columns,
        rows,
        sha256: to_hex(&hasher.finalize()),
    })
}
