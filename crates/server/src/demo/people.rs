//! The invented company: its units, its staff with what they hold, the regulations in force.

use std::collections::BTreeMap;

use calendar::Moment;
use futures_util::stream::{self, TryStreamExt};
use regulation::Id;

use super::{DemoError, DemoLogin, PASSWORD};
use crate::centre::Centre;
use crate::organisation::{Held, PersonRecord, UnitRecord, set_person, set_unit};
use crate::packs::{self, Bundle, built_in};
use crate::session::set_password;

/// Functions are held until then.
const FOREVER: Moment = Moment::from_millis(4_102_444_800_000);

/// Key, name, unit above.
const UNITS: &[(&str, &str, &str)] = &[
    ("group", "示例集团", ""),
    ("property", "示例物业集团", "group"),
    ("service", "客服中心", "property"),
    ("engineering", "工程部", "property"),
    ("environment", "环境部", "property"),
    ("order", "秩序部", "property"),
    ("finance", "财务部", "property"),
    ("hr", "人事行政部", "property"),
    ("maker", "示例电器公司", "group"),
    ("aftersales", "售后服务部", "maker"),
    ("quality", "品管部", "maker"),
    ("production", "生产部", "maker"),
    ("technology", "技术部", "maker"),
    ("sales", "销售部", "maker"),
];

/// Packs and where they are in force.
const PACKS: &[(&str, &str)] = &[("complaints", "property"), ("manufacturer", "maker")];

/// A function and the unit it is held in.
type Holds = (&'static str, &'static str);

/// Login, name, functions.
const STAFF: &[(&str, &str, &[Holds])] = &[
    ("agent1", "林小雨", &[("agent", "service")]),
    ("agent2", "苏晨", &[("agent", "service")]),
    (
        "agent3",
        "顾盼",
        &[("agent", "service"), ("knowledge_editor", "service")],
    ),
    ("complaint", "江岚", &[("complaint_agent", "service")]),
    ("callback", "叶知秋", &[("call_back_agent", "service")]),
    ("team", "程远", &[("team_leader", "service")]),
    ("lead", "秦朗", &[("duty_lead", "service")]),
    ("manager", "白杨", &[("duty_manager", "service")]),
    ("floor", "石磊", &[("floor_leader", "service")]),
    (
        "service",
        "沈静",
        &[("service_lead", "property"), ("department_head", "service")],
    ),
    ("business", "温言", &[("business_management", "property")]),
    ("engineer", "雷鸣", &[("problem_team", "engineering")]),
    ("engineer2", "田野", &[("housekeeper", "engineering")]),
    ("head", "方正", &[("department_head", "engineering")]),
    ("cleaner", "米兰", &[("floor_leader", "environment")]),
    ("environment", "柳青", &[("department_head", "environment")]),
    ("guard", "岳峰", &[("floor_leader", "order")]),
    ("order", "韩冰", &[("department_head", "order")]),
    ("cashier", "金玲", &[("housekeeper", "finance")]),
    ("finance", "钱程", &[("department_head", "finance")]),
    (
        "hr",
        "文心",
        &[("hr_admin", "property"), ("department_head", "hr")],
    ),
    ("archive", "陆离", &[("archivist", "property")]),
    (
        "quality",
        "严明",
        &[("quality_inspector", "property"), ("auditor", "property")],
    ),
    ("project", "盛年", &[("project_manager", "property")]),
    (
        "customers",
        "安宁",
        &[("customer_department_manager", "property")],
    ),
    ("represent", "高远", &[("management_representative", "group")]),
    ("gm", "贺兰山", &[("general_manager", "group")]),
    ("system", "伍常安", &[("system_admin", "group")]),
    ("security", "卫明德", &[("security_admin", "group")]),
    ("audit", "沈鉴清", &[("audit_admin", "group")]),
    (
        "aftersales",
        "夏天",
        &[("agent", "aftersales"), ("complaint_agent", "aftersales")],
    ),
    ("aslead", "冬青", &[("service_lead", "maker")]),
    ("clerk", "商羽", &[("sales_clerk", "maker")]),
    (
        "sales",
        "销云",
        &[("sales_manager", "maker"), ("department_head", "sales")],
    ),
    ("tester", "品如", &[("quality_engineer", "quality")]),
    (
        "qhead",
        "质朴",
        &[("quality_head", "maker"), ("department_head", "quality")],
    ),
    (
        "making",
        "成器",
        &[("production_head", "maker"), ("department_head", "production")],
    ),
    (
        "technic",
        "艺谋",
        &[("technical_head", "maker"), ("department_head", "technology")],
    ),
];

/// The company that was made.
pub(super) struct Company {
    pub units: BTreeMap<&'static str, Id>,
    /// In the order above.
    pub staff: Vec<(&'static str, Id)>,
}

/// Makes units, packs and people.
pub(super) async fn make(centre: &Centre, since: Moment) -> Result<Company, DemoError> {
    let store = &centre.store;
    let mut units = BTreeMap::new();
    for (key, name, above) in UNITS {
        let wanted = UnitRecord {
            key: (*key).to_owned(),
            name: (*name).to_owned(),
            parent: units.get(above).copied(),
            calendar: "default".to_owned(),
        };
        units.insert(*key, set_unit(store, None, None, &wanted).await?);
    }
    for (name, unit) in PACKS {
        let files = built_in(name).ok_or_else(|| DemoError::Missing((*name).to_owned()))?;
        let bundle = Bundle::of(&files);
        let pack = bundle.link()?;
        let unit = *units
            .get(unit)
            .ok_or_else(|| DemoError::Missing((*unit).to_owned()))?;
        packs::activate(store, &bundle.trimmed(&pack), &pack, unit, None, since).await?;
    }
    let mut staff = Vec::new();
    for (login, name, functions) in STAFF {
        let held = functions.iter().filter_map(|(function, unit)| {
            units.get(unit).map(|unit| Held {
                function: (*function).to_owned(),
                unit: *unit,
                since,
                until: FOREVER,
                on_behalf_of: None,
            })
        });
        let wanted = PersonRecord {
            login: (*login).to_owned(),
            name: (*name).to_owned(),
            active: true,
            language: "zh".to_owned(),
            demo: true,
            held: held.collect(),
            certificates: Vec::new(),
        };
        staff.push((*login, set_person(store, None, None, &wanted).await?));
    }
    stream::iter(staff.iter().map(Ok::<_, DemoError>))
        .try_for_each_concurrent(4, |(_, person)| async move {
            Ok(set_password(store, *person, PASSWORD).await?)
        })
        .await?;
    centre.refresh().await?;
    Ok(Company { units, staff })
}

/// Who can log in, in words.
pub(super) fn logins(centre: &Centre) -> Vec<DemoLogin> {
    let around = centre.surroundings();
    let title = |function: &str| {
        around
            .packs
            .function(function)
            .map_or_else(|| function.to_owned(), |known| known.title.zh.to_string())
    };
    let unit = |key: &str| {
        UNITS
            .iter()
            .find(|(known, ..)| *known == key)
            .map_or("", |(_, name, _)| *name)
    };
    STAFF
        .iter()
        .map(|(login, name, functions)| DemoLogin {
            login: (*login).to_owned(),
            name: (*name).to_owned(),
            functions: functions.iter().map(|(function, _)| title(function)).collect(),
            unit: functions
                .first()
                .map_or("", |(_, held_in)| unit(held_in))
                .to_owned(),
        })
        .collect()
}
