//! `shouwen outbox`: how much waits, and whether anything leaves the house.

use std::process::ExitCode;

use clap::Subcommand;
use server::access_log::Access;
use server::messages;

use super::{examples, print_json};
use crate::config::Settings;
use crate::place;

/// What to do with messages on their way out.
#[derive(Subcommand)]
pub enum Outbox {
    /// How much waits, failed or was kept, by channel; whether sending is held.
    #[command(after_help = examples::OUTBOX_STATUS)]
    Status,
    /// Send nothing, on any node, until it is let go. On an embedded database the server must not run; while it runs, hold
    /// sending over its API.
    #[command(after_help = examples::OUTBOX_HOLD)]
    Hold {
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Let sending go, after a restore or a hold.
    #[command(after_help = examples::OUTBOX_RELEASE)]
    Release {
        /// Why it may.
        #[arg(long)]
        reason: String,
    },
}

impl Outbox {
    /// Does it.
    pub async fn run(self, settings: &Settings) -> anyhow::Result<ExitCode> {
        let (held, reason) = match self {
            Outbox::Status => return status(settings).await,
            Outbox::Hold { reason } => (true, reason),
            Outbox::Release { reason } => (false, reason),
        };
        let store = place::store(settings).await?;
        let access = Access {
            deed: if held { "sending_held" } else { "sending_released" },
            reason: Some(&reason),
            ..Access::default()
        };
        access.record(&store).await?;
        if held {
            messages::hold(&store, &reason).await?;
            println!("nothing is sent until: shouwen outbox release");
        } else {
            messages::release(&store).await?;
            println!("what waits is sent from now on");
        }
        store.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

async fn status(settings: &Settings) -> anyhow::Result<ExitCode> {
    let store = place::store_for_reading(settings).await?;
    let held = messages::held(&store).await?;
    let standing = messages::standing(&store).await?;
    if settings.json {
        let lines: Vec<_> = standing
            .iter()
            .map(|line| {
                serde_json::json!({
                    "channel": line.channel, "state": line.state, "count": line.count,
                    "oldest_at": calendar::Moment::from_millis(line.oldest).to_string(),
                })
            })
            .collect();
        print_json(&serde_json::json!({ "held": held, "standing": lines }))?;
    } else {
        match held {
            Some(why) => println!("sending is held: {why}"),
            None => println!("sending is not held"),
        }
        for line in standing {
            let oldest = calendar::Moment::from_millis(line.oldest);
            println!(
                "{:<8} {:<8} {:>8}  oldest {oldest}",
                line.channel, line.state, line.count
            );
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
