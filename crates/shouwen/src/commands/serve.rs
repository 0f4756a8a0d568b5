//! `shouwen serve`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use server::app::App;
use server::centre::Centre;
use server::{demo, live, timers};
use tokio::net::TcpListener;

use crate::config::Settings;
use crate::place;

/// Runs the server.
#[derive(Args)]
pub struct Serve {
    /// Address to listen on; 127.0.0.1:8080 unless said here or in the configuration.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Fill an empty database with a demo centre and print its log-ins, which answer on this machine only.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    /// Serves until it is asked to stop (SIGTERM, Ctrl-C); what is under way is finished first.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let address = self
            .listen
            .or_else(|| settings.listen.clone())
            .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let centre = place::centre(settings).await?;
        if self.demo {
            demo_centre(&centre).await?;
        }
        let app = Arc::new(App::new(centre.clone(), settings.secure_cookies));
        let listener = TcpListener::bind(&address).await.with_context(|| {
            format!("cannot listen on {address}: choose another with --listen, or stop what listens there")
        })?;
        let (stop, mut stopping) = tokio::sync::watch::channel(false);
        let sealer = {
            let (centre, mut stopping) = (centre.clone(), stopping.clone());
            tokio::spawn(async move {
                let stopped = async move {
                    let _ = stopping.wait_for(|stop| *stop).await;
                };
                centre.store.run_sealer(stopped).await
            })
        };
        let feed = tokio::spawn(live::feed(app.clone()));
        let alarm = tokio::spawn(timers::run(app.clone()));
        println!("shouwen: listening on http://{}", listener.local_addr()?);
        let router =
            server::http::router::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let signalled = {
            let app = app.clone();
            async move {
                asked_to_stop().await;
                tracing::info!("stopping: what is under way is finished first");
                app.live.stop();
                stop.send_replace(true);
            }
        };
        axum::serve(listener, router)
            .with_graceful_shutdown(signalled)
            .await
            .context("the server")?;
        let _ = stopping.wait_for(|stop| *stop).await;
        for task in [feed, alarm] {
            task.await.context("a background task")?;
        }
        sealer.await.context("the sealer")?;
        centre.store.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Fills an empty database, and prints who can log in.
async fn demo_centre(centre: &Arc<Centre>) -> anyhow::Result<()> {
    if demo::is_empty(centre).await? {
        println!(
            "filling the empty database with a demo centre, by driving the engine through the last 60 days:"
        );
        let filled = demo::fill(centre, |step| println!("  {step}")).await?;
        println!("{} cases", filled.cases);
    }
    let around = centre.surroundings();
    let mut people: Vec<_> = around
        .picture
        .people
        .values()
        .filter(|person| person.demo && person.active)
        .collect();
    people.sort_by_key(|person| person.id);
    if people.is_empty() {
        println!("this database is not a demo centre; it is served as it is");
        return Ok(());
    }
    println!(
        "demo log-ins, on this machine only, all with the password {}:",
        demo::PASSWORD
    );
    for person in people {
        let functions: Vec<String> = person
            .held
            .iter()
            .map(|held| {
                let title = around
                    .packs
                    .function(&held.function)
                    .map_or(held.function.as_str(), |known| &known.title.zh);
                format!("{}{title}", around.picture.unit_name(held.unit))
            })
            .collect();
        println!("  {:<12} {}  {}", person.login, person.name, functions.join("、"));
    }
    Ok(())
}

async fn asked_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupted.await;
        }
    }
}
