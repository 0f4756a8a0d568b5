//! The demo centre: filled through the engine, found in every state, proven by the history.

#![allow(
    clippy::unwrap_used,
    reason = "what a test's own reading cannot read fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use server::centre::Centre;
use server::demo;
use server::schema::MIGRATIONS;
use server::verification::{derive, derived};
use store::history::verify;
use store::{Store, Value};

async fn number(centre: &Centre, sql: &'static str, params: &[Value]) -> i64 {
    centre.store.query(sql, params).await.unwrap()[0].int(0).unwrap()
}

async fn lines(centre: &Centre, sql: &'static str) -> Vec<(Vec<String>, i64)> {
    let rows = centre.store.query(sql, &[]).await.unwrap();
    let line = |row: &store::Answer| {
        let words = (0..2)
            .map(|column| row.text(column).unwrap().to_owned())
            .collect();
        (words, row.int(2).unwrap())
    };
    rows.iter().map(line).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_centre_is_found_in_every_state_and_its_history_holds() {
    // Given an empty database.
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
    let centre = Arc::new(Centre::open(store).await.unwrap());
    assert!(demo::is_empty(&centre).await.unwrap());

    // When it is filled.
    let begun = Instant::now();
    let made = demo::fill(&centre, |at| {
        eprintln!("{:>6.1} s {at}", begun.elapsed().as_secs_f64())
    })
    .await
    .unwrap();
    eprintln!("{} cases in {:.1} s", made.cases, begun.elapsed().as_secs_f64());
    for (words, count) in lines(
        &centre,
        "SELECT pack || '.' || procedure, stage, COUNT(*) FROM cases GROUP BY pack, procedure, stage ORDER BY 1, 2",
    )
    .await
    {
        eprintln!("{:>5} {}", count, words.join(" "));
    }
    let clocks = lines(
        &centre,
        "SELECT clause_pack || '.' || deadline, state, COUNT(*) FROM clocks WHERE pack = 'complaints' \
         GROUP BY clause_pack, deadline, state ORDER BY 1, 2",
    )
    .await;
    for (words, count) in &clocks {
        eprintln!("{:>5} {}", count, words.join(" "));
    }

    // Then it cannot be filled again, and its people can log in.
    assert!(!demo::is_empty(&centre).await.unwrap());
    assert!(matches!(
        demo::fill(&centre, |_| ()).await,
        Err(demo::DemoError::NotEmpty)
    ));
    let picture = centre.surroundings().picture;
    assert!(made.people.len() >= 20);
    assert!(picture.people.values().all(|person| person.demo));
    assert_eq!(
        number(&centre, "SELECT COUNT(*) FROM credentials", &[]).await,
        made.people.len() as i64
    );
    assert_eq!(number(&centre, "SELECT COUNT(*) FROM customers", &[]).await, 120);
    assert!(made.cases >= 400, "{}", made.cases);

    // Then every state that a screen shows is there.
    let now = centre.store.now();
    let person = |login: &str| {
        picture
            .people
            .values()
            .find(|person| person.login == login)
            .unwrap()
            .id
            .0
    };
    let soon = now + 2 * 3_600_000;
    let at_least = async |what: &str, least: i64, sql: &'static str, params: &[Value]| {
        let found = number(&centre, sql, params).await;
        eprintln!("{found:>5} {what}");
        assert!(found >= least, "{what}: {found}, not {least}");
    };
    at_least(
        "overdue",
        5,
        "SELECT COUNT(DISTINCT case_id) FROM clocks WHERE state = 'overdue'",
        &[],
    )
    .await;
    let due = [now.into(), soon.into()];
    at_least(
        "due soon",
        3,
        "SELECT COUNT(*) FROM cases WHERE ended IS NULL AND due > $1 AND due <= $2",
        &due,
    )
    .await;
    at_least(
        "paused",
        3,
        "SELECT COUNT(DISTINCT case_id) FROM clocks WHERE state = 'paused'",
        &[],
    )
    .await;
    at_least(
        "signatures of gm",
        3,
        "SELECT COUNT(*) FROM signatures_asked WHERE function = 'general_manager'",
        &[],
    )
    .await;
    at_least(
        "questions for lead",
        3,
        "SELECT COUNT(*) FROM questions_asked WHERE function = 'duty_lead'",
        &[],
    )
    .await;
    at_least(
        "call-backs for agent1",
        5,
        "SELECT COUNT(*) FROM cases WHERE first_contact_owner = $1 AND stage IN ('settled', 'repaired')",
        &[person("agent1").into()],
    )
    .await;
    at_least(
        "first contacts of agent1",
        10,
        "SELECT COUNT(*) FROM cases WHERE first_contact_owner = $1 AND ended IS NULL",
        &[person("agent1").into()],
    )
    .await;
    for state in ["exempt", "kept_late", "lapsed"] {
        at_least(
            state,
            3,
            "SELECT COUNT(DISTINCT k.case_id) FROM clocks k JOIN cases c ON c.id = k.case_id \
             WHERE c.ended IS NOT NULL AND k.state = $1",
            &[state.into()],
        )
        .await;
    }
    at_least(
        "second rounds",
        5,
        "SELECT COUNT(*) FROM cases WHERE round > 1",
        &[],
    )
    .await;
    at_least("refused attempts", 5, "SELECT COUNT(*) FROM refusals", &[]).await;
    at_least(
        "supervised",
        1,
        "SELECT COUNT(*) FROM cases WHERE supervised = 1",
        &[],
    )
    .await;
    at_least("urged", 5, "SELECT COUNT(*) FROM cases WHERE urged > 0", &[]).await;
    at_least(
        "department tasks",
        5,
        "SELECT COUNT(*) FROM cases WHERE procedure = 'department_task'",
        &[],
    )
    .await;
    at_least(
        "turns",
        6,
        "SELECT COUNT(*) FROM cases WHERE channel = 'obligation'",
        &[],
    )
    .await;

    // Then every limit of the complaints pack was kept somewhere and missed somewhere.
    let pack = centre
        .surroundings()
        .packs
        .in_force_anywhere("complaints")
        .unwrap();
    let mut met: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (words, _) in lines(
        &centre,
        "SELECT clause_pack || '.' || clause, state, COUNT(*) FROM clocks WHERE pack = 'complaints' \
         GROUP BY clause_pack, clause, state ORDER BY 1, 2",
    )
    .await
    {
        met.entry(words[0].clone()).or_default().insert(words[1].clone());
    }
    let own = pack
        .procedures
        .values()
        .flat_map(|procedure| &procedure.deadlines);
    let clauses: BTreeSet<String> = own
        .map(|deadline| &deadline.clause)
        .filter(|clause| &*clause.pack == "complaints")
        .map(ToString::to_string)
        .collect();
    assert!(clauses.len() >= 9, "{clauses:?}");
    for clause in clauses {
        let states = met.get(&clause).cloned().unwrap_or_default();
        assert!(states.contains("kept"), "{clause} was never kept: {states:?}");
        assert!(
            states.contains("kept_late") || states.contains("overdue"),
            "{clause} was never missed: {states:?}"
        );
    }

    // Then numbers follow the time of day: TS20261105-0001 came before TS20261105-0002.
    let opened = centre
        .store
        .query("SELECT number FROM cases WHERE procedure = 'complaint' AND pack = 'complaints' AND parent IS NULL ORDER BY opened", &[])
        .await
        .unwrap();
    let numbers: Vec<&str> = opened.iter().map(|row| row.text(0).unwrap()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");

    // Then the history and all tables hold.
    centre.store.seal_now().await.unwrap();
    let report = verify::history(&centre.store, |_| ()).await.unwrap();
    assert!(report.holds(), "{:?}", report.findings);
    let tables = verify::tables(&centre.store, &derived(), derive, |_| ())
        .await
        .unwrap();
    assert!(tables.holds(), "{:?} {:?}", tables.differences, tables.unreadable);
    eprintln!("{} events, {} rows hold", report.events, tables.rows);
    centre.store.close().await;
}
