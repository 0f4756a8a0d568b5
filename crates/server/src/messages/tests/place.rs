//! Where a test's database stands: a folder, or a database of its own on the server that `SHOUWEN_TEST_POSTGRES` names.

use store::Store;

use crate::schema::MIGRATIONS;

const SERVER: &str = "SHOUWEN_TEST_POSTGRES";

pub enum Place {
    Folder(tempfile::TempDir),
    Server { url: String, name: String },
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
        let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = format!("server_test_{name}");
        on_server(&format!("CREATE DATABASE {name}")).await;
        let (base, _) = server.rsplit_once('/').unwrap();
        Some(Place::Server {
            url: format!("{base}/{name}"),
            name,
        })
    }

    /// Clears up after a test that went well; what a failed one leaves can be looked at.
    pub async fn remove(&self) {
        if let Place::Server { name, .. } = self {
            on_server(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    pub async fn open(&self) -> Store {
        match self {
            Place::Folder(folder) => Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap(),
            Place::Server { url, .. } => Store::open_postgres(url, MIGRATIONS).await.unwrap(),
        }
    }
}

async fn on_server(statement: &str) {
    let config: tokio_postgres::Config = std::env::var(SERVER).unwrap().parse().unwrap();
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
}

/// Makes a test for each engine from one body.
macro_rules! both {
    ($name:ident, |$place:ident| $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "not every body uses all of it")]
            use super::*;

            async fn body($place: &Place) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                body(&Place::folder()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                if let Some(place) = Place::server().await {
                    body(&place).await;
                    place.remove().await;
                }
            }
        }
    };
}

pub(super) use both;
