//! Where a test's database stands: a folder, or a database of its own on a server.

use store::{Column, Migration, Store, Table};

/// A projection table of the tests.
pub static CASES: Table = Table {
    name: "cases",
    key: &[Column::int("id")],
    columns: &[
        Column::text("title"),
        Column::int("due"),
        Column::int("open"),
        Column::blob("mark"),
    ],
};

/// A second one, with a key of two columns and nothing else.
pub static TAGS: Table = Table {
    name: "tags",
    key: &[Column::int("case_id"), Column::text("tag")],
    columns: &[],
};

/// The tests' own schema.
pub const MIGRATIONS: &[Migration] = &[Migration {
    number: 100,
    name: "tables of the tests",
    sqlite: "CREATE TABLE cases (id INTEGER PRIMARY KEY, title TEXT NOT NULL, due INTEGER, open INTEGER NOT NULL, \
             mark BLOB) STRICT;
             CREATE TABLE tags (case_id INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (case_id, tag)) STRICT;
             CREATE TABLE timers (id INTEGER PRIMARY KEY, due INTEGER, taken_until INTEGER NOT NULL) STRICT;
             CREATE TABLE sessions (token TEXT PRIMARY KEY, person INTEGER NOT NULL) STRICT;",
    postgres: "CREATE TABLE cases (id BIGINT PRIMARY KEY, title TEXT COLLATE \"C\" NOT NULL, due BIGINT, \
               open SMALLINT NOT NULL, mark BYTEA);
               CREATE TABLE tags (case_id BIGINT NOT NULL, tag TEXT COLLATE \"C\" NOT NULL, \
               PRIMARY KEY (case_id, tag));
               CREATE TABLE timers (id BIGINT PRIMARY KEY, due BIGINT, taken_until BIGINT NOT NULL);
               CREATE TABLE sessions (token TEXT COLLATE \"C\" PRIMARY KEY, person BIGINT NOT NULL);",
}];

/// The variable that names a server on which databases may be made.
const SERVER: &str = "SHOUWEN_TEST_POSTGRES";

/// A place that lasts as long as the test.
pub enum Place {
    /// A folder.
    Folder(tempfile::TempDir),
    /// A database's address.
    Server(String),
}

impl Place {
    pub fn folder() -> Self {
        Place::Folder(tempfile::tempdir().unwrap())
    }

    /// A fresh database on the test server; `None` when none is named.
    pub async fn server() -> Option<Self> {
        let Ok(server) = std::env::var(SERVER) else {
            eprintln!("skipped: {SERVER} names no PostgreSQL server");
            return None;
        };
        let mut random = [0; 8];
        getrandom::fill(&mut random).unwrap();
        let name = format!("store_test_{}", store::history::hash::to_hex(&random));
        on_server(&server, &format!("CREATE DATABASE {name}")).await;
        Some(Place::Server(with_database(&server, &name)))
    }

    /// Clears up after a test that went well; what a failed one leaves can be looked at.
    pub async fn remove(&self) {
        let Place::Server(url) = self else { return };
        let config: tokio_postgres::Config = url.parse().unwrap();
        let name = config.get_dbname().unwrap().to_owned();
        let server = std::env::var(SERVER).unwrap();
        on_server(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    }

    pub fn is_server(&self) -> bool {
        matches!(self, Place::Server(_))
    }

    pub async fn open(&self) -> Store {
        match self {
            Place::Folder(dir) => Store::open_sqlite(dir.path(), MIGRATIONS).await.unwrap(),
            Place::Server(url) => Store::open_postgres(url, MIGRATIONS).await.unwrap(),
        }
    }
}

async fn on_server(server: &str, statement: &str) {
    let config: tokio_postgres::Config = server.parse().unwrap();
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
}

/// The server's address with another database in it.
fn with_database(server: &str, name: &str) -> String {
    if !server.contains("://") {
        return format!("{server} dbname={name}");
    }
    let (address, options) = server.split_once('?').unwrap_or((server, ""));
    let base = match address.split_once("://").unwrap().1.find('/') {
        Some(_) => address.rsplit_once('/').unwrap().0,
        None => address,
    };
    format!("{base}/{name}?{options}")
}

/// Makes a test for each engine from one body.
#[macro_export]
macro_rules! both {
    ($(#[$meta:meta])* $name:ident, |$place:ident| $body:block) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn body($place: &$crate::place::Place) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                body(&$crate::place::Place::folder()).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(place) = $crate::place::Place::server().await {
                    body(&place).await;
                    place.remove().await;
                }
            }
        }
    };
}
