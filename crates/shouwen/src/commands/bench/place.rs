//! Databases for measuring, made and thrown away by the run; a small invented centre in them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use calendar::Moment;
use regulation::{Actor, Id, Pack};
use server::centre::Centre;
use server::organisation::{Held, PersonRecord, UnitRecord, set_person, set_unit};
use server::packs::{Bundle, activate, built_in};
use server::schema::MIGRATIONS;
use server::session::set_password;
use store::Store;
use tokio_postgres::NoTls;

/// The log-in of the invented person.
pub const LOGIN: &str = "bench";
/// Its password, on databases that live as long as the run.
pub const PASSWORD: &str = "measured-once-0001";

/// Functions are held until then.
const FOREVER: Moment = Moment::from_millis(4_102_444_800_000);

/// Where one measurement's database lies.
#[derive(Debug)]
pub enum Place {
    /// A folder, removed with this value.
    Folder(tempfile::TempDir),
    /// A database on a PostgreSQL server, dropped by [`Place::remove`].
    Database {
        /// The server.
        server: String,
        /// The database's name.
        name: String,
        /// The database's address.
        url: String,
    },
}

impl Place {
    /// A new folder, in `within` or where the system keeps temporary files.
    pub fn folder(within: Option<&Path>) -> anyhow::Result<Self> {
        let mut named = tempfile::Builder::new();
        named.prefix("shouwen-bench-");
        let folder = match within {
            Some(within) => named.tempdir_in(within),
            None => named.tempdir(),
        };
        Ok(Place::Folder(folder.context("a folder for measuring")?))
    }

    /// A new database on a server.
    pub async fn database(server: &str, suffix: &str) -> anyhow::Result<Self> {
        let name = format!("shouwen_bench_{}_{suffix}", std::process::id());
        execute(server, &format!("CREATE DATABASE {name}")).await?;
        let url = with_database(server, &name);
        Ok(Place::Database {
            server: server.to_owned(),
            name,
            url,
        })
    }

    /// For the raw engine.
    pub fn target(&self) -> store::backup::Target<'_> {
        match self {
            Place::Folder(folder) => store::backup::Target::Folder(folder.path()),
            Place::Database { url, .. } => store::backup::Target::Server(url),
        }
    }

    /// The folder, where it is one.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Place::Folder(folder) => Some(folder.path().to_owned()),
            Place::Database { .. } => None,
        }
    }

    /// Opens it.
    pub async fn store(&self) -> anyhow::Result<Store> {
        Ok(match self {
            Place::Folder(folder) => Store::open_sqlite(folder.path(), MIGRATIONS).await?,
            Place::Database { url, .. } => Store::open_postgres(url, MIGRATIONS).await?,
        })
    }

    /// Removes it.
    pub async fn remove(self) -> anyhow::Result<()> {
        match self {
            Place::Folder(folder) => folder.close().context("a folder for measuring"),
            Place::Database { server, name, .. } => {
                execute(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
            }
        }
    }
}

async fn execute(server: &str, statement: &str) -> anyhow::Result<()> {
    let (client, connection) = tokio_postgres::connect(server, NoTls)
        .await
        .context("--postgres")?;
    let connection = tokio::spawn(connection);
    client
        .batch_execute(statement)
        .await
        .with_context(|| statement.to_owned())?;
    drop(client);
    connection.await?.context("--postgres")
}

/// The same address with another database's name, its parameters kept.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = match url.split_once('?') {
        Some((address, parameters)) => (address, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let begin = address.find("://").map_or(0, |at| at + 3);
    let end = address
        .get(begin..)
        .and_then(|rest| rest.find('/'))
        .map_or(address.len(), |at| begin + at);
    format!("{}/{name}{parameters}", address.get(..end).unwrap_or(address))
}

/// A centre of one unit and one person, with a pack in force.
pub struct Small {
    /// The centre.
    pub centre: Arc<Centre>,
    /// Its unit.
    pub unit: Id,
    /// Its person, who holds every function that the measurements need.
    pub actor: Actor,
    /// The pack.
    pub pack: Arc<Pack>,
}

impl Small {
    /// Makes it in an empty place.
    pub async fn make(place: &Place, pack: &str) -> anyhow::Result<Self> {
        let store = place.store().await?;
        let since = Moment::from_millis(0);
        let wanted = UnitRecord {
            key: "centre".to_owned(),
            name: "客服中心".to_owned(),
            parent: None,
            calendar: "default".to_owned(),
        };
        let unit = set_unit(&store, None, None, &wanted).await?;
        let files = built_in(pack).with_context(|| format!("there is no pack {pack} in the program"))?;
        let bundle = Bundle::of(&files);
        let linked = bundle.link()?;
        activate(&store, &bundle.trimmed(&linked), &linked, unit, None, since).await?;
        let held = ["agent", "department_head"].map(|function| Held {
            function: function.to_owned(),
            unit,
            since,
            until: FOREVER,
            on_behalf_of: None,
        });
        let wanted = PersonRecord {
            login: LOGIN.to_owned(),
            name: "试行员".to_owned(),
            active: true,
            language: "zh".to_owned(),
            demo: false,
            held: held.into(),
            certificates: Vec::new(),
        };
        let person = set_person(&store, None, None, &wanted).await?;
        set_password(&store, person, PASSWORD).await?;
        Self::over(store, person, unit, pack).await
    }

    /// The one that was made in a place before.
    pub async fn again(place: &Place, pack: &str) -> anyhow::Result<Self> {
        let store = place.store().await?;
        let rows = store
            .query("SELECT p.id, u.id FROM people p CROSS JOIN units u", &[])
            .await?;
        let row = rows.first().context("the person and unit that were made")?;
        let (person, unit) = (Id(row.int(0)?), Id(row.int(1)?));
        Self::over(store, person, unit, pack).await
    }

    async fn over(store: Store, person: Id, unit: Id, pack: &str) -> anyhow::Result<Self> {
        let centre = Arc::new(Centre::open(store).await?);
        let around = centre.surroundings();
        let pack = around
            .packs
            .in_force_anywhere(pack)
            .context("the pack that was just put in force")?;
        let actor = around
            .picture
            .actor(person, Moment::from_millis(centre.store.now()));
        Ok(Small {
            centre,
            unit,
            actor,
            pack,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn another_name_in_the_same_address() {
        assert_eq!(
            with_database("postgres://u@h:5432/postgres", "b"),
            "postgres://u@h:5432/b"
        );
        assert_eq!(with_database("postgres://u@h", "b"), "postgres://u@h/b");
        assert_eq!(with_database("postgres://h/a?x=/y", "b"), "postgres://h/b?x=/y");
    }
}
