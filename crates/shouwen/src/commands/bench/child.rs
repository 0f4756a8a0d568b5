//! The server as it really runs: a process of its own, whose cost is counted apart.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::net::TcpStream;

use super::client;

/// How long a server may take to answer before the measurement gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running server; ended with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start until `/healthz` answered.
    pub started_in: Duration,
}

impl Server {
    /// Starts this very program on a database and waits until it answers.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let begun = Instant::now();
        let mut child = Command::new(std::env::current_exe()?)
            .arg("--data")
            .arg(folder)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("SHOUWEN_LOG", "warn")
            .env_remove("SHOUWEN_DATABASE")
            .env_remove("SHOUWEN_LISTEN")
            // One machine asks for a whole centre here.
            .env("SHOUWEN_LIMITS", "off")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .context("the server as a process of its own")?;
        let output = child.stdout.take();
        let mut server = Server {
            child,
            address: ([127, 0, 0, 1], 0).into(),
            started_in: Duration::ZERO,
        };
        let output = output.context("the server's output")?;
        let told = tokio::task::spawn_blocking(move || {
            for line in BufReader::new(output).lines() {
                if let Some((_, address)) = line?.split_once("http://") {
                    return anyhow::Ok(address.trim().parse::<SocketAddr>()?);
                }
            }
            bail!("the server ended before it listened")
        });
        server.address = tokio::time::timeout(PATIENCE, told)
            .await
            .context("the server did not listen in time")???;
        let health = "GET /healthz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n";
        while client::ask(server.address, health, "").await?.status != 200 {
            if begun.elapsed() > PATIENCE {
                bail!("the server did not answer in time");
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        server.started_in = begun.elapsed();
        Ok(server)
    }

    /// Its process id.
    pub fn process(&mut self) -> anyhow::Result<u32> {
        match self.child.try_wait()? {
            Some(ended) => bail!("the server has ended: {ended}"),
            None => Ok(self.child.id()),
        }
    }

    /// A connection to it.
    pub async fn connect(&self) -> anyhow::Result<TcpStream> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is waited for, so that its database can be removed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
