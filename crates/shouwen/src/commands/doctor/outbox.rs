//! What the doctor sees of messages on their way out, and of the gateways they leave by. Nothing is sent.

use std::path::Path;

use server::http::tls::certificate_ends;
use server::messages;
use store::Store;

use super::{DAY, RENEW};
use crate::config::Settings;

/// How long a message may wait past its time, in milliseconds.
const LATE: i64 = 600_000;

const WAITING: &str =
    "SELECT COUNT(*), MIN(due) FROM outbox WHERE due IS NOT NULL AND due < $1 AND taken_until < $1";
const USED: &str = "SELECT used FROM message_usage WHERE period = $1";

/// Looks at messages and gateways.
pub(super) async fn look(
    settings: &Settings,
    store: &Store,
    calendar: &calendar::Calendar,
    note: &mut impl FnMut(bool, String, &str),
) -> anyhow::Result<()> {
    let now = store.now();
    let held = messages::held(store).await?;
    if let Some(why) = &held {
        note(
            false,
            format!("sending is held: {why}"),
            "release it when this is the centre's own database and not a copy: shouwen outbox release --reason WHY",
        );
    }
    standing(store, note).await?;
    if held.is_none() {
        let rows = store.query(WAITING, &[(now - LATE).into()]).await?;
        let (count, oldest) = match rows.first() {
            Some(row) => (row.int(0)?, row.opt_int(1)?.unwrap_or(now)),
            None => (0, now),
        };
        note(
            count == 0,
            match count {
                0 => "no message waits past its time".to_owned(),
                _ => format!(
                    "{count} messages wait past their time, the oldest for {} minutes",
                    (now - oldest) / 60_000
                ),
            },
            "start the server: it sends them; while it runs, see whether it reaches the gateways below",
        );
    }
    cap(settings, store, calendar, note).await?;
    gateways(settings, now, note).await;
    Ok(())
}

/// Dead letters, refusals, and what is kept for want of a gateway.
async fn standing(store: &Store, note: &mut impl FnMut(bool, String, &str)) -> anyhow::Result<()> {
    let standing = messages::standing(store).await?;
    let count = |state: &str| -> i64 {
        let lines = standing.iter().filter(|line| line.state == state);
        lines.map(|line| line.count).sum()
    };
    let (dead, failed, kept) = (count("dead"), count("failed"), count("kept"));
    note(
        dead + failed == 0,
        format!("{dead} messages were given up (dead letters), {failed} were refused by their gateway"),
        "see why under GET /api/outbox?state=dead and state=failed, and send them again from there",
    );
    note(
        true,
        format!("{kept} messages are kept in the outbox because no gateway is set for them"),
        "",
    );
    Ok(())
}

/// How much of the caps of short messages is used.
async fn cap(
    settings: &Settings,
    store: &Store,
    calendar: &calendar::Calendar,
    note: &mut impl FnMut(bool, String, &str),
) -> anyhow::Result<()> {
    let Some(sms) = &settings.messages.sms else {
        return Ok(());
    };
    let today = calendar.date_of(calendar::Moment::from_millis(store.now()));
    let periods = [
        (format!("sms {today}"), "today", sms.most_per_day),
        (
            format!("sms {:04}-{:02}", today.year(), today.month()),
            "this month",
            sms.most_per_month,
        ),
    ];
    for (period, words, most) in periods {
        let Some(most) = most.map(i64::from) else { continue };
        let rows = store.query(USED, &[period.into()]).await?;
        let used = rows.first().map_or(Ok(0), |row| row.int(0))?;
        note(
            used < most,
            format!("{used} of at most {most} SMS were paid for {words}"),
            "what is over the cap waits; raise it under [sms] if that is meant",
        );
    }
    Ok(())
}

/// Whether gateways can be reached, and how long the certificates that are trusted for them last.
async fn gateways(settings: &Settings, now: i64, note: &mut impl FnMut(bool, String, &str)) {
    match settings.messages.open() {
        Ok(gateways) => {
            for (name, reached) in gateways.reach().await {
                let why = reached.as_ref().err().map(|failure| format!(": {failure}"));
                note(
                    reached.is_ok(),
                    format!(
                        "the gateway [{name}] {}{}",
                        if reached.is_ok() {
                            "can be reached"
                        } else {
                            "can NOT be reached"
                        },
                        why.unwrap_or_default()
                    ),
                    "see its section of the configuration file, the network and the gateway itself",
                );
            }
        }
        Err(mistake) => note(false, mistake.to_string(), "correct the configuration file"),
    }
    let mail = settings.messages.mail.as_ref();
    let trusted = [
        ("mail", mail.and_then(|mail| mail.certificate.as_ref())),
        ("outbound", settings.messages.outbound.certificates.as_ref()),
    ];
    for (section, path) in trusted {
        let Some(path) = path else { continue };
        match certificate_ends(Path::new(path)) {
            Ok(ends) => {
                let days = (ends - now).div_euclid(DAY);
                note(
                    days >= RENEW,
                    format!("the certificate trusted for [{section}] ends in {days} days"),
                    "put the new one in its place and start the server again",
                );
            }
            Err(error) => note(false, error.to_string(), "name a file with a certificate"),
        }
    }
}
