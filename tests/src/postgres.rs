//! Empty PostgreSQL databases, one for each test that asks.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{Client, NoTls};

/// A database of one test's own, dropped with this value.
#[derive(Debug)]
pub struct Database {
    server: String,
    name: String,
    url: String,
}

impl Database {
    /// A fresh, empty database on the server that `SHOUWEN_TEST_POSTGRES` names; `None`, and a line on standard
    /// error, where it names none.
    pub fn fresh() -> Option<Self> {
        let Ok(server) = std::env::var("SHOUWEN_TEST_POSTGRES") else {
            eprintln!("left out: SHOUWEN_TEST_POSTGRES is not set (cargo xtask test sets it)");
            return None;
        };
        Some(Self::on(&server))
    }

    /// A fresh, empty database on this server.
    pub fn on(server: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}_{number}", std::process::id());
        // A killed run on a kept server may have left one of this name.
        execute(
            server,
            &[
                &format!("DROP DATABASE IF EXISTS {name}"),
                &format!("CREATE DATABASE {name}"),
            ],
        )
        .unwrap_or_else(|error| panic!("{server} gives no database: {error}"));
        let url = with_database(server, &name);
        Database {
            server: server.to_owned(),
            name,
            url,
        }
    }

    /// The database's URL, as `--database` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Closes the database to everybody, cutting who is connected, or opens it again: a server that is there and refuses.
    pub fn refuse(&self, refuse: bool) -> Result<(), String> {
        let name = &self.name;
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        let allow = format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS {}", !refuse);
        let statements: &[&str] = if refuse { &[&allow, &cut] } else { &[&allow] };
        execute(&self.server, statements)
    }

    /// Runs statements in this database, past the product: for tests that tamper.
    pub fn execute(&self, statements: &[&str]) -> Result<(), String> {
        execute(&self.url, statements)
    }

    /// The first column of the first row that a query gives: a number.
    pub fn number(&self, query: &str) -> Result<i64, String> {
        ask(&self.url, async |client| {
            let row = client.query_one(query, &[]).await?;
            Ok(row.get(0))
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A server that is already gone has taken its databases along.
        let _ = execute(
            &self.server,
            &[&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)],
        );
    }
}

/// Runs each statement by itself.
fn execute(url: &str, statements: &[&str]) -> Result<(), String> {
    ask(url, async |client| {
        for statement in statements {
            client.batch_execute(statement).await?;
        }
        Ok(())
    })
}

/// Connects and does something, from a thread of its own so that tests inside a runtime can call it too.
fn ask<T: Send>(
    url: &str,
    work: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error> + Send,
) -> Result<T, String> {
    let connected = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            let connection = tokio::spawn(connection);
            let answer = work(&client).await;
            drop(client);
            let _ = connection.await;
            answer
        })
    };
    let outcome = std::thread::scope(|scope| scope.spawn(connected).join().unwrap());
    outcome.map_err(|error: tokio_postgres::Error| match error.as_db_error() {
        Some(told) => told.to_string(),
        None => error.to_string(),
    })
}

/// The same URL with another database's name, its parameters kept.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = match url.split_once('?') {
        Some((address, parameters)) => (address, format!("?{parameters}")),
        None => (url, String::new()),
    };
    let begin = address.find("://").map_or(0, |at| at + 3);
    let end = address[begin..].find('/').map_or(address.len(), |at| begin + at);
    format!("{}/{name}{parameters}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::{Database, with_database};

    #[test]
    fn another_name_in_the_same_url() {
        assert_eq!(
            with_database("postgres://u@h:5432/postgres", "t"),
            "postgres://u@h:5432/t"
        );
        assert_eq!(with_database("postgres://u@h", "t"), "postgres://u@h/t");
        assert_eq!(with_database("postgres://h/a?x=/y", "t"), "postgres://h/t?x=/y");
    }

    #[test]
    fn each_database_is_its_own_and_empty() {
        let (Some(one), Some(other)) = (Database::fresh(), Database::fresh()) else {
            return;
        };
        one.execute(&["CREATE TABLE a (b BIGINT)"]).unwrap();
        other.execute(&["CREATE TABLE a (b BIGINT)"]).unwrap();
        let error = one.execute(&["CREATE TABLE a (b BIGINT)"]).unwrap_err();
        assert!(error.contains("already exists"), "{error}");
    }
}
