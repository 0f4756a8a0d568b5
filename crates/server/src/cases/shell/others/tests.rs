use std::sync::Arc;

use calendar::Moment;
use regulation::decide::{Mode, Opened};
use regulation::model::{Field, FieldKind};
use regulation::source::Files;
use regulation::{Actor, Command, FieldValue, Fields, Holding, Id, Pack, Refusal};
use store::history::verify;
use store::{RecordId, Store};

use crate::cases::shell::{Order, ShellError};
use crate::centre::Centre;
use crate::organisation::{UnitRecord, set_unit};
use crate::packs::{self, Bundle};
use crate::schema::MIGRATIONS;
use crate::verification::{derive, derived};

/// A small regulation: matters that are kept three years, and damaged parts that are owed back by their volume.
fn small() -> Files {
    let mut files = Files::new();
    let said = |zh: &str| format!("{{ zh: {zh}, en: Title }}");
    files.insert(
        "regulation.md",
        "---\nlanguage: 1\npack: small\ntitle: { zh: 小规程, en: Small }\nversion: \"1\"\n---\n- **1** {#work} 事事有结果。\n\
         - **2** {#parts} 损坏件满三立方米即返回。\n",
    );
    files.insert(
        "matter.yaml",
        format!(
            "procedure: matter\ntitle: {title}\nnumber: \"M{{n}}\"\nask: {{ matter: {{ title: {title} }} }}\nsubject: matter\n\
             retain: 3 years\nstages:\n  begun: {title}\n  done: {{ zh: 已办结, en: Done, end: yes }}\nactions:\n  finish:\n    \
             title: {title}\n    clause: work\n    from: begun\n    by: agent\n    ask: {{ result: {{ title: {title} }}, \
             reply: {{ title: {title} }} }}\n    to: done\n",
            title = said("事项")
        ),
    );
    for (name, ask, facts) in [
        (
            "damaged_part",
            "volume_cm3: { title: { zh: 体积, en: Volume }, kind: number }",
            "",
        ),
        (
            "parts_return",
            "turn: { title: { zh: 期次, en: Turn } }, due: { title: { zh: 期限, en: Due }, kind: time }",
            "facts:\n  damaged: { title: { zh: 体积, en: Volume }, sum: damaged_part, field: volume_cm3, among: open }\ndeadlines:\n  \
             due: { title: { zh: 返回, en: Return }, clause: parts, from: received, at: case.due, until: sent }\n",
        ),
    ] {
        let matter = if ask.starts_with("volume") {
            "matter: { title: { zh: 名称, en: Name } }, "
        } else {
            ""
        };
        let subject = if matter.is_empty() { "turn" } else { "matter" };
        files.insert(
            format!("{name}.yaml"),
            format!(
                "procedure: {name}\ntitle: {title}\nnumber: \"P{{n}}\"\nask: {{ {matter}{ask} }}\nsubject: {subject}\n\
                 customer: no\nstages:\n  kept: {title}\n  sent: {{ zh: 已返回, en: Sent, end: yes }}\nactions:\n  send:\n    \
                 title: {title}\n    clause: parts\n    from: kept\n    by: agent\n    to: sent\n{facts}",
                title = said("返回")
            ),
        );
    }
    files.insert(
        "duties.yaml",
        "obligations:\n  parts_return:\n    title: { zh: 返回, en: Return }\n    clause: parts\n    function: agent\n    \
         every: 15 days\n    due: at once\n    or_when: \"facts.damaged >= 3000000\"\n    procedure: parts_return\n",
    );
    files
}

async fn unit(store: &Store, key: &str, parent: Option<Id>) -> Id {
    let record = UnitRecord {
        key: key.into(),
        name: key.into(),
        parent,
        calendar: "default".into(),
    };
    set_unit(store, None, None, &record).await.unwrap()
}

/// The pack in force in one of two branches, and someone there who holds every function.
struct Branch {
    _folder: tempfile::TempDir,
    centre: Arc<Centre>,
    pack: Arc<Pack>,
    unit: Id,
    elsewhere: Id,
    actor: Actor,
}

impl Branch {
    async fn new() -> Branch {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(folder.path(), MIGRATIONS).await.unwrap();
        let company = unit(&store, "company", None).await;
        let unit_here = unit(&store, "north", Some(company)).await;
        let elsewhere = unit(&store, "south", Some(company)).await;
        let bundle = Bundle::of(&small());
        let pack = bundle.link().unwrap();
        packs::activate(&store, &bundle, &pack, unit_here, None, Moment::from_millis(0))
            .await
            .unwrap();
        let centre = Arc::new(Centre::open(store).await.unwrap());
        let pack = centre.surroundings().packs.in_force_anywhere(&pack.name).unwrap();
        let held = ["agent", "service_lead", "general_manager", "archivist"];
        let actor = Actor {
            person: Some(Id(7)),
            holdings: held
                .map(|function| Holding {
                    function: function.to_owned(),
                    unit: company,
                    on_behalf_of: None,
                })
                .to_vec(),
            certificates: Vec::new(),
        };
        Branch {
            _folder: folder,
            centre,
            pack,
            unit: unit_here,
            elsewhere,
            actor,
        }
    }

    fn order(&self, case: Option<Id>, command: Command, at: Option<Moment>) -> Order<'_> {
        Order {
            case,
            command,
            actor: &self.actor,
            at,
            mode: if at.is_some() { Mode::Historic } else { Mode::Live },
            pack: case.is_none().then(|| self.pack.clone()),
            idempotency: None,
        }
    }

    async fn open(&self, procedure: &str, input: Fields, at: Option<Moment>) -> Id {
        let opened = Opened {
            received: at,
            channel: "phone".into(),
            owning_unit: Some(self.unit),
            ..Opened::default()
        };
        let command = Command::Open {
            procedure: procedure.to_owned(),
            opened,
            input,
        };
        self.centre.run(self.order(None, command, at)).await.unwrap().case
    }

    async fn act(&self, case: Id, action: &str, input: Fields, at: Option<Moment>) -> Result<(), ShellError> {
        let command = Command::Act {
            action: action.to_owned(),
            input,
            seen: None,
        };
        self.centre
            .run(self.order(Some(case), command, at))
            .await
            .map(|_| ())
    }

    /// A matter that was answered long ago, its three years over.
    async fn old_matter(&self) -> Id {
        let at = Moment::parse_rfc3339("2019-05-06T10:00:00+08:00").unwrap();
        let case = self.open("matter", typed(&[("matter", "漏水")]), Some(at)).await;
        let answered = typed(&[("result", "已修"), ("reply", "已告知")]);
        self.act(case, "finish", answered, Some(at.plus(60_000)))
            .await
            .unwrap();
        case
    }

    async fn disposal_of(&self, case: Id) -> Id {
        let mut row = typed(&[("record", "旧事项"), ("expired_on", "2022-05-06")]);
        row.insert("listed_case".to_owned(), case.into());
        let mut input = typed(&[("matter", "到期事项")]);
        input.insert(
            "disposal_list".to_owned(),
            FieldValue::List(vec![FieldValue::Row(row)]),
        );
        let disposal = self.open("disposal", input, None).await;
        for _ in 0..2 {
            let sign = Command::Sign {
                approval: 1,
                agree: true,
                reason: None,
                seen: None,
            };
            self.centre
                .run(self.order(Some(disposal), sign, None))
                .await
                .unwrap();
        }
        disposal
    }

    async fn dispose(&self, disposal: Id) -> Result<(), ShellError> {
        let input = typed(&[("result", "粉碎"), ("witness", "7")]);
        self.act(disposal, "dispose", input, None).await
    }

    async fn hold(&self, case: Id) -> Result<(), ShellError> {
        self.act(case, "hold", typed(&[("hold_reason", "诉讼")]), None)
            .await
    }
}

fn typed(input: &[(&str, &str)]) -> Fields {
    input
        .iter()
        .map(|(key, value)| ((*key).to_owned(), FieldValue::Text((*value).to_owned())))
        .collect()
}

fn clause(refused: Result<(), ShellError>) -> String {
    match refused {
        Err(ShellError::Refused(refusal)) => refusal.clause().map(ToString::to_string).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn gen_14_an_approved_disposal_erases_contents_and_leaves_the_proof() {
    let branch = Branch::new().await;
    let case = branch.old_matter().await;
    let disposal = branch.disposal_of(case).await;
    branch.hold(case).await.unwrap();
    let refused = branch.dispose(disposal).await;
    assert_eq!(clause(refused), "house.legal_hold");
    branch
        .act(case, "lift_hold", typed(&[("lift_reason", "结案")]), None)
        .await
        .unwrap();
    let before = branch.centre.store.load(RecordId(case.0)).await.unwrap();
    branch.dispose(disposal).await.unwrap();

    let after = branch.centre.store.load(RecordId(case.0)).await.unwrap();
    assert_eq!(
        after.len(),
        before.len() + 1,
        "the disposal itself stands in the record's chain"
    );
    let (last, erased) = after.split_last().unwrap();
    assert!(
        erased
            .iter()
            .all(|event| event.payload.is_none() && event.salt.is_none())
    );
    assert_eq!(
        erased.iter().map(|event| event.hash).collect::<Vec<_>>(),
        before.iter().map(|event| event.hash).collect::<Vec<_>>(),
        "headers and hashes stay"
    );
    assert!(last.payload.is_some());
    assert!(matches!(
        branch.centre.case(case).await,
        Err(ShellError::Erased(_))
    ));
    const LEFT: &str = "SELECT subject, customer FROM cases WHERE id = $1";
    let left = branch.centre.store.query(LEFT, &[case.0.into()]).await.unwrap();
    assert_eq!(left[0].text(0).unwrap(), "");
    const FOUND: &str = "SELECT COUNT(*) FROM fact_entries WHERE case_id = $1";
    let found = branch.centre.store.query(FOUND, &[case.0.into()]).await.unwrap();
    assert_eq!(found[0].int(0).unwrap(), 0, "facts find it no longer");

    let history = crate::verification::history(&branch.centre.store, &[], |_| {})
        .await
        .unwrap();
    assert!(history.holds(), "{history:?}");
    assert_eq!(history.erased.len(), before.len(), "verify lists them");
    let tables = verify::tables(&branch.centre.store, &derived(), derive, |_| {})
        .await
        .unwrap();
    assert!(tables.holds(), "{tables:?}");
    // What is gone cannot be disposed of again.
    let again = branch.disposal_of(case).await;
    let refused = branch.dispose(again).await;
    assert!(
        matches!(refused, Err(ShellError::Refused(refusal)) if matches!(*refusal, Refusal::Input { .. }))
    );
}

#[tokio::test]
async fn gen_14_a_hold_at_the_same_moment_is_never_overrun() {
    let branch = Branch::new().await;
    for _ in 0..5 {
        let case = branch.old_matter().await;
        let disposal = branch.disposal_of(case).await;
        let (held, disposed) = tokio::join!(branch.hold(case), branch.dispose(disposal));
        let erased = matches!(branch.centre.case(case).await, Err(ShellError::Erased(_)));
        assert_eq!(held.is_ok(), !erased, "{held:?} {disposed:?}");
        assert_eq!(disposed.is_ok(), erased, "{held:?} {disposed:?}");
    }
}

#[tokio::test]
async fn two_merges_at_the_same_moment_make_no_circle() {
    let branch = Branch::new().await;
    for _ in 0..5 {
        let opening = typed(&[("matter", "漏水")]);
        let one = branch.open("matter", opening.clone(), None).await;
        let other = branch.open("matter", opening, None).await;
        let into = |case: Id| {
            let mut input = typed(&[("merge_reason", "重复登记")]);
            input.insert("merged_into".to_owned(), case.into());
            input
        };
        let (there, back) = tokio::join!(
            branch.act(one, "merge", into(other), None),
            branch.act(other, "merge", into(one), None)
        );
        assert!(there.is_ok() != back.is_ok(), "{there:?} {back:?}");
        let refused = if there.is_ok() { back } else { there };
        assert_eq!(clause(refused), "house.merging");
    }
}

#[tokio::test]
async fn stk_9_an_amount_makes_a_duty_due_at_once_and_once() {
    let branch = Branch::new().await;
    const OPENED: &str = "SELECT id, due FROM cases WHERE source LIKE 'measured:%' ORDER BY id";
    let measured = async || {
        let now = Moment::from_millis(branch.centre.store.now());
        crate::timers::open_measured(&branch.centre, now, Mode::Live)
            .await
            .unwrap();
        branch.centre.store.query(OPENED, &[]).await.unwrap().len()
    };
    let part = |volume: i64| {
        let mut input = typed(&[("matter", "电机")]);
        input.insert("volume_cm3".to_owned(), FieldValue::Number(volume));
        input
    };
    assert!(crate::timers::measures(&branch.centre.surroundings()));
    branch.open("damaged_part", part(2_999_999), None).await;
    assert_eq!(
        measured().await,
        0,
        "below three cubic metres nothing is owed yet"
    );
    let last = branch.open("damaged_part", part(1), None).await;
    assert_eq!(measured().await, 1, "at three it is owed at once");
    assert_eq!(measured().await, 1, "and once, while it is open");
    let rows = branch.centre.store.query(OPENED, &[]).await.unwrap();
    let (turn, due) = (Id(rows[0].int(0).unwrap()), rows[0].int(1).unwrap());
    assert!(due <= branch.centre.store.now());
    branch.act(last, "send", Fields::new(), None).await.unwrap();
    branch.act(turn, "send", Fields::new(), None).await.unwrap();
    assert_eq!(measured().await, 1, "what was sent back counts no longer");
    branch.open("damaged_part", part(1), None).await;
    assert_eq!(measured().await, 2, "and the next three make it due again");
}

#[tokio::test]
async fn units_of_another_branch_are_refused_also_in_rows() {
    let branch = Branch::new().await;
    let around = branch.centre.surroundings();
    let field = |key: &str, kind: FieldKind| Field {
        key: key.to_owned(),
        kind,
        ..branch.pack.procedure("matter").unwrap().fields["matter"].clone()
    };
    let fields = [
        field("department", FieldKind::Unit),
        field("tasks", FieldKind::Rows(vec![field("unit", FieldKind::Unit)])),
    ];
    let check = |unit: Id| {
        let row = FieldValue::Row([("unit".to_owned(), unit.into())].into());
        let input = Fields::from([
            ("department".to_owned(), unit.into()),
            ("tasks".to_owned(), FieldValue::List(vec![row])),
        ]);
        let now = Moment::from_millis(branch.centre.store.now());
        crate::cases::api::branch::check(&around, (&branch.pack.name, branch.unit), (&fields, &input), now)
    };
    assert!(check(branch.unit).is_ok());
    let refused = check(branch.elsewhere).unwrap_err();
    let said = format!("{refused:?}");
    assert!(
        said.contains("department") && said.contains("tasks[0].unit"),
        "{said}"
    );
}
