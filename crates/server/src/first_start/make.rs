//! From the answers to a centre: its unit, its regulation with its hours, its two administrators.

use std::time::Duration;

use calendar::Moment;
use regulation::{Id, Pack, Said};
use store::{Batch, StoreError};

use super::api::{FirstCentre, FirstPerson, SetUp};
use super::hours::{self, Hours};
use crate::access_log::Access;
use crate::app::App;
use crate::centre::Centre;
use crate::http::{Answer, Problem};
use crate::organisation::{Held, PersonRecord, UnitRecord, set_person, set_unit};
use crate::packs::{self, Bundle, built_in};
use crate::session::{PasswordError, set_password, weakness};

/// Functions are held until then.
const FOREVER: Moment = Moment::from_millis(4_102_444_800_000);
/// How long another node may be in the middle of it.
const LEASE: Duration = Duration::from_secs(60);

/// Answers that can be carried out.
pub(super) struct Answers {
    company: String,
    pack: Pack,
    bundle: Bundle,
    people: [(FirstPerson, &'static str); 2],
}

struct Problems(Vec<(String, Said)>);

impl Problems {
    fn add(&mut self, field: &str, zh: &str, en: &str) {
        self.0.push((field.to_owned(), Said::new(zh, en)));
    }

    fn text(&mut self, field: &str, typed: &str, longest: usize) -> String {
        let typed = typed.trim();
        if !(1..=longest).contains(&typed.chars().count()) || typed.chars().any(char::is_control) {
            self.add(
                field,
                &format!("要写1到{longest}个字，不含换行"),
                &format!("it has 1 to {longest} characters on one line"),
            );
        }
        typed.to_owned()
    }

    fn person(&mut self, field: &str, person: FirstPerson) -> FirstPerson {
        let login = self.text(&format!("{field}.login"), &person.login, 60);
        let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | '@');
        if !login.chars().all(fits) {
            self.add(
                &format!("{field}.login"),
                "只能用字母、数字和_-.@",
                "only letters, digits and _ - . @",
            );
        }
        let name = self.text(&format!("{field}.name"), &person.name, 50);
        if let Some(weak) = weakness(&person.password, &login) {
            self.0.push((format!("{field}.password"), weak.say()));
        }
        FirstPerson {
            login,
            name,
            password: person.password,
        }
    }
}

/// Looks the answers through; every problem at once.
pub(super) fn checked(wanted: SetUp) -> Answer<Answers> {
    let mut problems = Problems(Vec::new());
    let company = problems.text("company", &wanted.company, 50);
    let hours = Hours {
        opens: wanted.hours.opens,
        closes: wanted.hours.closes,
        saturday_closes: wanted
            .hours
            .saturday_closes
            .filter(|text| !text.trim().is_empty()),
    };
    let opens = hours::minutes(&hours.opens);
    if opens.is_none() {
        problems.add("hours.opens", "写成08:30", "write it as 08:30");
    }
    let ends = [
        ("hours.closes", Some(&hours.closes)),
        ("hours.saturday_closes", hours.saturday_closes.as_ref()),
    ];
    for (field, closes) in ends {
        let Some(closes) = closes else { continue };
        match hours::minutes(closes) {
            None => problems.add(field, "写成17:30", "write it as 17:30"),
            Some(closes) if opens.is_some_and(|opens| closes <= opens) => {
                problems.add(field, "须晚于上班时间", "must be after work begins");
            }
            Some(_) => {}
        }
    }
    let system = problems.person("system_administrator", wanted.system_administrator);
    let security = problems.person("security_administrator", wanted.security_administrator);
    if system.login.to_lowercase() == security.login.to_lowercase() {
        problems.add(
            "security_administrator.login",
            "系统管理员和安全管理员须是两个人",
            "the system and the security administrator are two people",
        );
    }
    let files = Some(wanted.pack.trim())
        .filter(|name| *name != "house")
        .and_then(built_in);
    if files.is_none() {
        problems.add(
            "pack",
            "没有这套规程，请从列出的规程中选择",
            "there is no such regulation; choose one of those listed",
        );
    }
    let (Some(files), true) = (files, problems.0.is_empty()) else {
        return Err(Problem::input(problems.0));
    };
    let bundle = Bundle::of(&hours::with(&files, &hours));
    let pack = bundle.link().map_err(|error| {
        tracing::error!(%error, "a pack of the box does not link with these hours");
        Problem::input(vec![(
            "hours".to_owned(),
            Said::new(
                "这套规程不能用这些工作时间",
                "this regulation cannot work with these hours",
            ),
        )])
    })?;
    Ok(Answers {
        company,
        bundle: bundle.trimmed(&pack),
        pack,
        people: [(system, "system_admin"), (security, "security_admin")],
    })
}

/// The company's unit: the one on top that an import made already, or a new one.
async fn top(centre: &Centre, company: &str) -> Answer<Id> {
    let picture = centre.surroundings().picture;
    let known = picture.units.values().find(|unit| unit.parent.is_none());
    let wanted = UnitRecord {
        key: known.map_or("company", |unit| unit.key.as_str()).to_owned(),
        name: company.to_owned(),
        parent: None,
        calendar: known.map_or("default", |unit| unit.calendar.as_str()).to_owned(),
    };
    Ok(set_unit(&centre.store, None, known.map(|unit| unit.id), &wanted).await?)
}

async fn nobody(app: &App) -> Result<bool, StoreError> {
    const ANYBODY: &str = "SELECT id FROM people LIMIT 1";
    Ok(app.centre.store.query(ANYBODY, &[]).await?.is_empty())
}

/// Makes the centre. People come last: what breaks off before can be begun again.
pub(super) async fn make(app: &App, address: &str, answers: Answers) -> Answer<FirstCentre> {
    let store = &app.centre.store;
    let Some(lease) = store.lease("first_start", LEASE).await? else {
        return Err(Problem::conflict(
            "being_set_up",
            "另一个节点正在进行首次设置。",
            "Another node is in the middle of the first set-up.",
        ));
    };
    let made = make_under_lease(app, address, answers).await;
    store.end_lease(&lease).await?;
    made
}

async fn make_under_lease(app: &App, address: &str, answers: Answers) -> Answer<FirstCentre> {
    let (centre, store) = (&app.centre, &app.centre.store);
    if !nobody(app).await? {
        centre.refresh().await?;
        return Err(Problem::conflict(
            "set_up_already",
            "这个中心已经设置过了。请登录。",
            "This centre is set up already. Log in.",
        ));
    }
    let now = Moment::from_millis(store.now());
    let unit = top(centre, &answers.company).await?;
    packs::activate(store, &answers.bundle, &answers.pack, unit, None, now).await?;
    let mut logins = Vec::new();
    let mut made = Vec::new();
    for (person, function) in answers.people {
        let held = Held {
            function: function.to_owned(),
            unit,
            since: now,
            until: FOREVER,
            on_behalf_of: None,
        };
        let wanted = PersonRecord {
            login: person.login.clone(),
            name: person.name,
            active: true,
            language: "zh".to_owned(),
            demo: false,
            held: vec![held],
            certificates: Vec::new(),
        };
        let id = set_person(store, None, None, &wanted).await?;
        logins.push(person.login);
        made.push((id, person.password));
    }
    for (id, password) in made {
        set_password(store, id, &password)
            .await
            .map_err(|error| match error {
                PasswordError::Store(error) => Problem::from(error),
                error => StoreError::Failed(error.to_string()).into(),
            })?;
    }
    let access = Access {
        address: Some(address),
        deed: "set_up",
        subject: &format!("unit:{unit}"),
        ..Access::default()
    };
    let mut batch = Batch::new();
    access.record_with(store, &mut batch);
    store.commit(batch).await?;
    centre.refresh().await?;
    Ok(FirstCentre {
        unit: unit.to_string(),
        pack: answers.pack.name.to_string(),
        version: answers.pack.version,
        logins,
    })
}
