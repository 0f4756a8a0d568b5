//! `shouwen serve`.

use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use channels::door::Door;
use clap::Args;
use server::app::App;
use server::attachments::{self, Keeper};
use server::centre::Centre;
use server::first_start::FirstStart;
use server::http::WayIn;
use server::http::flood::{Connections, Floods};
use server::http::serving::{Handle, Listening, to_https};
use server::http::tls::TlsFiles;
use server::messages::{self, Pace, Routes, Running};
use server::{audit, demo, jobs, live, search, timers};
use store::{FolderFiles, aside};
use tokio::sync::Notify;

use crate::backups;
use crate::config::Settings;
use crate::directory::DirectoryWish;
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
    /// Serves until it is asked to stop (SIGTERM, Ctrl-C); what is under way is finished first. Where the demo is removed, its
    /// database is put aside and serving begins anew at the same address.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let address = self
            .listen
            .or_else(|| settings.listen.clone())
            .unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let (mut held, mut demo) = (None, self.demo);
        while let Ended::DemoRemoved(name) = Serve::once(settings, &address, &mut held, demo).await? {
            put_aside(settings, &name).await?;
            demo = false;
        }
        Ok(ExitCode::SUCCESS)
    }

    /// One round of serving. The address is taken in the first one and kept for those that follow.
    async fn once(
        settings: &Settings,
        address: &str,
        held: &mut Option<TcpListener>,
        demo: bool,
    ) -> anyhow::Result<Ended> {
        let gateways = settings.messages.open().context("the configuration")?;
        let hold = i64::from(settings.outbox.hold_seconds) * 1_000;
        let routes = Routes::of(&settings.messages, hold).context("the configuration")?;
        let centre = place::centre(settings).await?;
        centre.set_routes(routes);
        if demo {
            demo_centre(&centre).await?;
        }
        let tls = settings.tls.as_ref().map(TlsFiles::open).transpose()?;
        let way_in = WayIn {
            trusted: settings.trusted_proxies.clone(),
            tls: tls.is_some(),
            floods: Floods::new(&settings.limits),
        };
        let pace = Pace {
            claim: i64::from(settings.outbox.claim_seconds.max(1)) * 1_000,
            ..Pace::default()
        };
        let mut app = App::new(centre.clone(), settings.secure_cookies).behind(way_in);
        app.directory = settings.ldap.as_ref().map(DirectoryWish::open).transpose()?;
        app.oidc = match &settings.oidc {
            None => None,
            Some(oidc) => {
                let door = Door::new(settings.messages.outbound.clone()).map_err(anyhow::Error::msg)?;
                Some(
                    oidc.open(door)
                        .context("the section [oidc] of the configuration file")?,
                )
            }
        };
        let files = Arc::new(FolderFiles::open(&settings.files)?);
        app.attachments = Some(Arc::new(Keeper::new(
            files,
            settings.attachment_limits.clone(),
            settings.scanner.clone(),
        )));
        if centre.surroundings().picture.people.is_empty() {
            let first = FirstStart::begin()?;
            println!(
                "nobody is here yet: the first set-up asks for this one-time code: {}",
                first.shown()
            );
            app.first_start = Some(first);
        }
        let app = Arc::new(app.with_messages(Running::new(gateways, pace)));
        let listener = match held {
            Some(listener) => listener.try_clone()?,
            None => held.insert(listen(address)?).try_clone()?,
        };
        let bound = listener.local_addr()?;
        let connections = Connections::new(&settings.limits);
        let scheme = if tls.is_some() { "https" } else { "http" };
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
        let searching = tokio::spawn(search::run(app.clone(), settings.search_folder()));
        let kept = tokio::spawn(audit::keep(app.clone()));
        let tidy = tokio::spawn(attachments::keep_tidy(app.clone()));
        let workers = tokio::spawn(jobs::run(app.clone()));
        let sender = tokio::spawn(messages::run(app.clone()));
        let backing_up = settings
            .backup
            .clone()
            .map(|schedule| tokio::spawn(backups::run(app.clone(), settings.clone(), schedule)));
        let handle = Handle::new();
        let certificate = settings.tls.clone().zip(tls.clone()).map(|(files, config)| {
            tokio::spawn(async move {
                let asked = Arc::new(Notify::new());
                tokio::join!(hung_up(asked.clone()), files.follow(&config, &asked));
            })
        });
        let sending_on = match &settings.redirect {
            Some(plain) if tls.is_some() => {
                let listening = Listening {
                    listener: listen(plain)?,
                    tls: None,
                    connections: connections.clone(),
                };
                println!("shouwen: http://{plain} sends on to https");
                Some(tokio::spawn(
                    listening.serve(to_https(bound.port()), handle.clone()),
                ))
            }
            _ => None,
        };
        println!("shouwen: listening on {scheme}://{bound}");
        let listening = Listening {
            listener,
            tls,
            connections,
        };
        let serving = listening.serve(server::http::router::router(app.clone()), handle.clone());
        let signalled = tokio::spawn(async move {
            let ended = tokio::select! {
                () = asked_to_stop() => Ended::Stopped,
                name = app.removal.asked() => Ended::DemoRemoved(name),
            };
            tracing::info!("stopping: what is under way is finished first");
            app.live.stop();
            stop.send_replace(true);
            server::http::serving::stop(&handle);
            ended
        });
        serving.await.context("the server")?;
        let ended = signalled.await.context("the end of the server")?;
        if let Some(sending_on) = sending_on {
            sending_on.await.context("the address for plain HTTP")??;
        }
        if let Some(certificate) = certificate {
            certificate.abort();
        }
        let _ = stopping.wait_for(|stop| *stop).await;
        for task in [feed, alarm, tidy, workers, sender, kept, searching]
            .into_iter()
            .chain(backing_up)
        {
            task.await.context("a background task")?;
        }
        sealer.await.context("the sealer")?;
        centre.store.close().await;
        Ok(ended)
    }
}

/// How a round of serving ended.
enum Ended {
    Stopped,
    /// The database is to be put aside under this name.
    DemoRemoved(String),
}

/// Puts a closed database aside, with its files and its search index.
async fn put_aside(settings: &Settings, name: &str) -> anyhow::Result<()> {
    match &settings.database {
        Some(url) => {
            aside::put_schema_aside(url, name)
                .await
                .context("putting the demo's database aside")?;
            println!("the demo was removed: its database is put aside as the schema {name}");
        }
        None => {
            let place = aside::put_folder_aside(&settings.data, name)
                .await
                .context("putting the demo's database aside")?;
            println!(
                "the demo was removed: its database is put aside in {}",
                place.display()
            );
        }
    }
    let folders = [Some(settings.files.clone()), settings.search_folder()];
    for folder in folders.into_iter().flatten().filter(|folder| folder.exists()) {
        let (Some(parent), Some(last)) = (folder.parent(), folder.file_name()) else {
            continue;
        };
        let beside = parent.join(name);
        std::fs::create_dir_all(&beside).with_context(|| beside.display().to_string())?;
        std::fs::rename(&folder, beside.join(last)).with_context(|| folder.display().to_string())?;
    }
    Ok(())
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

/// A listener, or what to do about it.
fn listen(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).with_context(|| {
        format!("cannot listen on {address}: choose another with --listen, or stop what listens there")
    })
}

/// Passes each SIGHUP on.
async fn hung_up(asked: Arc<Notify>) {
    let Ok(mut hangups) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()) else {
        return;
    };
    while hangups.recv().await.is_some() {
        asked.notify_one();
    }
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
