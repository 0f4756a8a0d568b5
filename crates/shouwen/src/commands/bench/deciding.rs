//! How long the pure decision takes for acts on a complaint.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, bail};
use regulation::decide::Mode;
use regulation::{Case, Command, Facts, FieldValue, Fields, Id, decide, needs};
use server::cases::facts;
use server::cases::shell::Order;

use super::Asked;
use super::figure::{Bar, Figure, middle};
use super::opening;
use super::place::{Place, Small};

fn act(action: &str, input: &[(&str, FieldValue)]) -> Command {
    let input: Fields = input
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    Command::Act {
        action: action.to_owned(),
        input,
        seen: None,
    }
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

async fn carry_out(small: &Small, case: Option<Id>, command: Command) -> anyhow::Result<Id> {
    let order = Order {
        case,
        command,
        actor: &small.actor,
        at: None,
        mode: Mode::Live,
        pack: Some(small.pack.clone()),
        idempotency: None,
    };
    Ok(small.centre.run(order).await?.case)
}

/// Microseconds for one decision, the middle of several rounds.
async fn time(
    small: &Small,
    case: Option<&Case>,
    command: &Command,
    count: u32,
) -> anyhow::Result<(f64, f64)> {
    let around = small.centre.surroundings();
    let setting = small.centre.setting_for(&around, &small.pack, &small.actor);
    let needed = needs(&setting, case, command);
    let mut answers = Facts::default();
    for query in &needed.facts {
        if let Some(value) = facts::answer(&small.centre.store, query).await? {
            answers.values.insert(query.id.clone(), value);
        }
    }
    for need in &needed.numbers {
        answers
            .numbers
            .insert(need.series.clone(), (1..=i64::from(need.count)).collect());
    }
    answers.ids = (0..needed.ids).map(|_| Id(small.centre.store.new_id())).collect();
    if let Err(refusal) = decide(&setting, case, &answers, command) {
        bail!("the act that is measured was refused: {refusal:?}");
    }
    let (mut decided, mut asked) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        let begun = Instant::now();
        for _ in 0..count {
            let decision = decide(&setting, black_box(case), &answers, black_box(command));
            let _ = black_box(decision);
        }
        decided.push(begun.elapsed().as_secs_f64() * 1e6 / f64::from(count));
        let begun = Instant::now();
        for _ in 0..count {
            black_box(needs(&setting, black_box(case), black_box(command)));
        }
        asked.push(begun.elapsed().as_secs_f64() * 1e6 / f64::from(count));
    }
    let middle = |times: Vec<f64>| middle(times, |time| *time).unwrap_or(f64::NAN);
    Ok((middle(decided), middle(asked)))
}

/// Measures.
pub async fn measure(asked: &Asked) -> anyhow::Result<Vec<Figure>> {
    let count = if asked.quick { 2_000 } else { 20_000 };
    let place = Place::folder(asked.folder.as_deref())?;
    let small = Arc::new(Small::make(&place, "complaints").await?);
    let open = opening::open(small.unit, 0);
    let classify = act(
        "classify",
        &[
            ("class", text("liable")),
            (
                "facts_found",
                text("经查，电梯门机皮带老化，物业值班人员未及时应答。"),
            ),
            ("grade", text("general")),
            ("department", small.unit.into()),
        ],
    );
    let person = small.actor.person.context("the invented person")?;
    let name_handler = act("name_handler", &[("named_handler", person.into())]);
    let propose = act(
        "propose",
        &[
            ("plan", text("更换门机皮带，复核警铃线路，安排专人每日巡检一周。")),
            ("result", text("皮带已于今日更换，警铃试验三次均正常。")),
        ],
    );
    let mut figures = Vec::new();
    let mut case: Option<Id> = None;
    for (name, command, measured) in [
        ("open", open, true),
        ("classify", classify, true),
        ("name_handler", name_handler, false),
        ("propose", propose, true),
    ] {
        let state = match case {
            Some(case) => Some(small.centre.case(case).await?.0),
            None => None,
        };
        if measured {
            let (decided, needed) = time(&small, state.as_ref(), &command, count).await?;
            // An opening is no action of a complaint; it stands there to compare.
            let bar = if case.is_some() {
                Bar::Below(20.0)
            } else {
                Bar::None
            };
            let note = format!("the questions before it (needs): {needed:.1} µs");
            figures.push(Figure::new(format!("decide: {name} a complaint"), decided, "µs", bar).note(note));
        }
        case = Some(carry_out(&small, case, command).await?);
    }
    small.centre.store.close().await;
    drop(small);
    place.remove().await?;
    Ok(figures)
}
