//! What each kind of import knows of a row, and which column probably holds it.

use regulation::model::{FieldKind, Procedure};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::permission::Permission;

/// What is brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Units of the organisation.
    Units,
    /// Staff with their functions.
    Staff,
    /// Customers.
    Customers,
    /// Cases that are still open.
    Cases,
    /// Cases of the past, ended by an action.
    History,
}

impl Kind {
    /// The word that programs use.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Units => "units",
            Kind::Staff => "staff",
            Kind::Customers => "customers",
            Kind::Cases => "cases",
            Kind::History => "history",
        }
    }

    /// The kind with this word.
    pub fn of(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The permission it needs: staff get rights by it, which is the security administrator's however they come in.
    pub fn permission(self) -> Permission {
        match self {
            Kind::Units => Permission::ManageUnits,
            Kind::Staff => Permission::ManageStaff,
            Kind::Customers | Kind::Cases | Kind::History => Permission::ImportData,
        }
    }

    /// Every kind.
    pub const ALL: [Kind; 5] = [
        Kind::Units,
        Kind::Staff,
        Kind::Customers,
        Kind::Cases,
        Kind::History,
    ];

    /// Whether rows become cases of a procedure.
    pub fn is_of_cases(self) -> bool {
        matches!(self, Kind::Cases | Kind::History)
    }
}

/// What a column can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its key; `field.KEY` is a field of the procedure's form, `end.KEY` one of the action that ends it.
    pub key: String,
    /// As people say it.
    pub zh: String,
    /// In English.
    pub en: String,
    /// A row without it cannot be taken.
    pub required: bool,
    /// Personal: shown masked where a row is refused.
    pub personal: bool,
    /// An example, for the template.
    pub example: &'static str,
    /// Other names that columns have for it.
    also: &'static [&'static str],
}

type Known = (
    &'static str,
    &'static str,
    &'static str,
    bool,
    bool,
    &'static str,
    &'static [&'static str],
);

const UNITS: &[Known] = &[
    (
        "key",
        "部门代码",
        "Unit key",
        true,
        false,
        "service",
        &["代码", "编码", "code", "key"],
    ),
    (
        "name",
        "部门名称",
        "Unit name",
        true,
        false,
        "客户服务部",
        &["名称", "部门", "name"],
    ),
    (
        "above",
        "上级部门代码",
        "Key of the unit above",
        false,
        false,
        "company",
        &["上级", "上级部门", "parent"],
    ),
    (
        "calendar",
        "日历",
        "Calendar",
        false,
        false,
        "default",
        &["calendar"],
    ),
];

const STAFF: &[Known] = &[
    (
        "login",
        "登录名",
        "Login",
        true,
        false,
        "lin",
        &["账号", "工号", "login", "username"],
    ),
    ("name", "姓名", "Name", true, true, "林静", &["名字", "name"]),
    (
        "functions",
        "职能",
        "Functions",
        false,
        false,
        "agent@service; team_leader@service",
        &["岗位", "角色", "functions"],
    ),
    ("language", "语言", "Language", false, false, "zh", &["language"]),
];

const CUSTOMERS: &[Known] = &[
    (
        "source",
        "客户编号",
        "Customer key",
        true,
        false,
        "K0001",
        &["编号", "客户号", "id", "source", "key"],
    ),
    (
        "name",
        "客户名称",
        "Name",
        true,
        true,
        "王小姐",
        &["名称", "姓名", "客户", "客户姓名", "name"],
    ),
    (
        "phones",
        "电话",
        "Numbers",
        false,
        true,
        "13800000000; 0571-88880000",
        &["手机", "手机号", "联系电话", "电话号码", "phone", "phones"],
    ),
    (
        "premises",
        "房产",
        "Premises",
        false,
        true,
        "3栋1201",
        &["地址", "房号", "address", "premises"],
    ),
    ("notes", "备注", "Notes", false, true, "", &["说明", "notes"]),
];

const CASES: &[Known] = &[
    (
        "source",
        "来源编号",
        "Source key",
        true,
        false,
        "OLD-2026-0001",
        &["编号", "工单号", "单号", "id", "source"],
    ),
    (
        "received",
        "受理时间",
        "Received",
        true,
        false,
        "2026-11-20 13:41:00",
        &["收到时间", "来电时间", "创建时间", "时间", "received", "created"],
    ),
    (
        "channel",
        "渠道",
        "Channel",
        false,
        false,
        "phone",
        &["来源渠道", "channel"],
    ),
    (
        "unit",
        "部门代码",
        "Unit key",
        true,
        false,
        "service",
        &["部门", "责任部门", "unit"],
    ),
    (
        "customer",
        "客户编号",
        "Customer key",
        false,
        false,
        "K0001",
        &["客户", "客户号", "customer"],
    ),
];

const ENDED: Known = (
    "ended",
    "办结时间",
    "Ended",
    true,
    false,
    "2026-11-21 10:00:00",
    &["完成时间", "结案时间", "ended", "closed"],
);

fn known(known: &Known) -> Field {
    let (key, zh, en, required, personal, example, also) = *known;
    Field {
        key: key.to_owned(),
        zh: zh.to_owned(),
        en: en.to_owned(),
        required,
        personal,
        example,
        also,
    }
}

fn of_form(prefix: &str, fields: &[regulation::model::Field]) -> Vec<Field> {
    let plain = |field: &&regulation::model::Field| {
        !matches!(
            field.kind,
            FieldKind::Rows(_)
                | FieldKind::Files
                | FieldKind::People
                | FieldKind::OutsideBody
                | FieldKind::Signature
                | FieldKind::Case
                | FieldKind::Choices(_)
        )
    };
    fields
        .iter()
        .filter(plain)
        .map(|field| Field {
            key: format!("{prefix}.{}", field.key),
            zh: field.title.zh.clone(),
            en: field.title.en.clone(),
            // What is owed when is the engine's to say.
            required: false,
            personal: field.personal,
            example: "",
            also: &[],
        })
        .collect()
}

/// The fields of a kind; of cases with those of the procedure and of the action that ends it.
pub fn fields(kind: Kind, procedure: Option<&Procedure>, action: Option<&str>) -> Vec<Field> {
    let own = match kind {
        Kind::Units => UNITS,
        Kind::Staff => STAFF,
        Kind::Customers => CUSTOMERS,
        Kind::Cases | Kind::History => CASES,
    };
    let mut fields: Vec<Field> = own.iter().map(known).collect();
    if kind == Kind::History {
        fields.push(known(&ENDED));
    }
    if let Some(procedure) = procedure.filter(|_| kind.is_of_cases()) {
        fields.extend(of_form("field", &procedure.intake_fields));
        if let Some(action) = action.and_then(|key| procedure.action(key)) {
            fields.extend(of_form("end", &action.ask));
        }
    }
    fields
}

/// A name as it is compared: without spaces, brackets' contents, marks and case.
fn bare(name: &str) -> String {
    let mut depth = 0_u32;
    let mut bare = String::new();
    for letter in name.chars() {
        match letter {
            '(' | '（' | '[' | '【' => depth += 1,
            ')' | '）' | ']' | '】' => depth = depth.saturating_sub(1),
            letter if depth == 0 && letter.is_alphanumeric() => bare.extend(letter.to_lowercase()),
            _ => {}
        }
    }
    bare
}

/// For each column the field that its name speaks of, each field once.
pub fn suggested(headers: &[String], fields: &[Field]) -> Vec<Option<String>> {
    let mut taken: Vec<&str> = Vec::new();
    headers
        .iter()
        .map(|header| {
            let header = bare(header);
            let named = |field: &&Field| {
                [field.key.as_str(), &field.zh, &field.en]
                    .into_iter()
                    .chain(field.also.iter().copied())
                    .any(|name| !header.is_empty() && bare(name) == header)
            };
            let free = fields.iter().filter(|field| !taken.contains(&field.key.as_str()));
            // Its very name first, what else it is called after that.
            let exact = free
                .clone()
                .find(|field| !header.is_empty() && (bare(&field.zh) == header || bare(&field.en) == header));
            let found = exact.or_else(|| free.clone().find(named))?;
            taken.push(&found.key);
            Some(found.key.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_recognised_by_what_people_call_them() {
        let headers: Vec<String> = ["序号", "客户姓名（必填）", "手机号", "地址", "编号 ", ""]
            .iter()
            .map(|text| (*text).to_owned())
            .collect();
        let suggested = suggested(&headers, &fields(Kind::Customers, None, None));
        let words: Vec<Option<&str>> = suggested.iter().map(Option::as_deref).collect();
        assert_eq!(
            words,
            [
                None,
                Some("name"),
                Some("phones"),
                Some("premises"),
                Some("source"),
                None
            ]
        );
    }

    #[test]
    fn a_field_is_suggested_once_and_keys_differ() {
        let headers = vec!["名称".to_owned(), "客户名称".to_owned()];
        let suggested = suggested(&headers, &fields(Kind::Customers, None, None));
        assert_eq!(
            suggested
                .iter()
                .filter(|field| field.as_deref() == Some("name"))
                .count(),
            1
        );
        for kind in Kind::ALL {
            let mut keys: Vec<String> = fields(kind, None, None)
                .into_iter()
                .map(|field| field.key)
                .collect();
            let count = keys.len();
            keys.sort();
            keys.dedup();
            assert_eq!(keys.len(), count);
            assert_eq!(Kind::of(kind.word()), Some(kind));
        }
    }
}
