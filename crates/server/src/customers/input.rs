//! What people type about a customer, checked and put into the record. Pure.

use regulation::{Id, Said};
use serde::Deserialize;
use utoipa::ToSchema;

use super::phone::digits;
use super::record::{Customer, Number, Place, Service};
use super::relation;

/// Longest texts in characters.
const NAME: usize = 100;
const LABEL: usize = 20;
const LINE: usize = 200;
const TEXT: usize = 4000;
/// How many of each one record holds.
const MANY: usize = 50;

/// A number as typed. One that is kept is named by `no` alone: nobody who sees it masked can type it again.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberInput {
    /// Its place in the record, of one that is there already.
    pub no: Option<i64>,
    /// `phone` (unless said), `email`, `wechat`, `other`.
    pub kind: Option<String>,
    /// The number; absent keeps the one that is there.
    pub number: Option<String>,
    /// The extension.
    #[serde(default)]
    pub extension: String,
    /// Such as `spouse's` or `office, 9 to 17`.
    #[serde(default)]
    pub label: String,
}

/// Premises as typed.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceInput {
    /// Owned, rented, at work …
    #[serde(default)]
    pub label: String,
    /// Estate, mall, area.
    #[serde(default)]
    pub area: String,
    /// Building.
    #[serde(default)]
    pub building: String,
    /// Entrance.
    #[serde(default)]
    pub unit: String,
    /// Room or shop.
    #[serde(default)]
    pub room: String,
    /// Whatever else.
    #[serde(default)]
    pub text: String,
}

/// A relation as typed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelationInput {
    /// The other customer.
    pub customer: String,
    /// What the other one is: `spouse`, `parent`, `child`, `relative`, `household`, `landlord`, `tenant`, `neighbour`,
    /// `employer`, `employee`, `proxy`, `principal`, `colleague`, `other`.
    pub kind: String,
    /// Note.
    #[serde(default)]
    pub note: String,
}

/// A purchase or service as typed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceInput {
    /// `purchase` or `service`.
    pub kind: String,
    /// What.
    pub what: String,
    /// When bought, or since when (RFC 3339).
    pub at: String,
    /// Until when.
    pub until: Option<String>,
    /// In fen.
    pub amount: Option<i64>,
    /// Note.
    #[serde(default)]
    pub note: String,
}

/// What is said of a customer; what is absent stays as it is.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerInput {
    /// Name.
    pub name: Option<String>,
    /// `person` or `organisation`.
    pub kind: Option<String>,
    /// All numbers as they are to be.
    pub numbers: Option<Vec<NumberInput>>,
    /// All premises.
    pub places: Option<Vec<PlaceInput>>,
    /// All relations.
    pub relations: Option<Vec<RelationInput>>,
    /// All tags.
    pub tags: Option<Vec<String>>,
    /// Needs.
    pub needs: Option<String>,
    /// Preferences.
    pub preferences: Option<String>,
    /// All purchases and services.
    pub services: Option<Vec<ServiceInput>>,
    /// Notes.
    pub notes: Option<String>,
}

/// Fields that cannot be taken, with what to do.
pub type Problems = Vec<(String, Said)>;

struct Check(Problems);

impl Check {
    fn wrong(&mut self, field: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) {
        self.0.push((field.into(), Said::new(zh, en)));
    }

    fn text(&mut self, field: &str, text: &str, longest: usize) -> String {
        let text = text.trim();
        if text.chars().count() > longest {
            self.wrong(
                field,
                format!("最多{longest}个字。"),
                format!("At most {longest} characters."),
            );
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            self.wrong(
                field,
                "含有不可见的控制字符，请删去。",
                "It holds invisible control characters; remove them.",
            );
        }
        text.to_owned()
    }

    fn many<T>(&mut self, field: &str, items: &[T]) -> bool {
        if items.len() > MANY {
            self.wrong(field, format!("最多{MANY}项。"), format!("At most {MANY}."));
        }
        items.len() <= MANY
    }

    fn number(&mut self, field: &str, kind: &str, text: &str) -> String {
        let typed = self.text(field, text, LINE);
        match kind {
            "phone" => {
                let number = digits(&typed);
                let only = typed.chars().all(|c| {
                    c.is_ascii_digit() || ('０'..='９').contains(&c) || " +＋-—()（）转".contains(c)
                });
                if !only || !(3..=20).contains(&number.trim_start_matches('+').len()) {
                    self.wrong(
                        field,
                        "电话号码应有3至20位数字。分机号请填在“分机”里。",
                        "A number has 3 to 20 digits. An extension goes into its own field.",
                    );
                }
                number
            }
            "email" => {
                let fits = typed.split_once('@').is_some_and(|(name, host)| {
                    !name.is_empty() && host.contains('.') && !typed.contains(' ')
                });
                if !fits {
                    self.wrong(
                        field,
                        "邮箱地址应写成name@example.com。",
                        "Write an address as name@example.com.",
                    );
                }
                typed
            }
            _ => {
                if typed.is_empty() {
                    self.wrong(field, "请填写号码。", "Give the number.");
                }
                typed
            }
        }
    }

    fn time(&mut self, field: &str, text: &str) -> i64 {
        if let Ok(at) = calendar::Moment::parse_rfc3339(text) {
            return at.as_millis();
        }
        self.wrong(
            field,
            "请写成2026-11-20T13:41:00+08:00。",
            "Write it as 2026-11-20T13:41:00+08:00.",
        );
        0
    }
}

/// Puts what was typed into a record. The record's own id, so that nobody is related to themselves.
///
/// # Errors
/// Every field that cannot be taken.
pub fn put(customer: &mut Customer, own: Id, input: &CustomerInput) -> Result<(), Problems> {
    let mut check = Check(Vec::new());
    if let Some(name) = &input.name {
        customer.name = check.text("name", name, NAME);
    }
    if customer.name.is_empty() {
        check.wrong("name", "请填写客户名称。", "Give the customer's name.");
    }
    match input.kind.as_deref() {
        None => {}
        Some(kind @ ("person" | "organisation")) => customer.organisation = kind == "organisation",
        Some(_) => check.wrong(
            "kind",
            "请选择个人（person）或单位（organisation）。",
            "Choose person or organisation.",
        ),
    }
    for (field, typed, into) in [
        ("notes", &input.notes, &mut customer.notes),
        ("needs", &input.needs, &mut customer.needs),
        ("preferences", &input.preferences, &mut customer.preferences),
    ] {
        if let Some(text) = typed {
            *into = check.text(field, text, TEXT);
        }
    }
    if let Some(numbers) = &input.numbers {
        put_numbers(&mut check, customer, numbers);
    }
    if let Some(places) = &input.places
        && check.many("places", places)
    {
        customer.places = (0..)
            .zip(places)
            .map(|(index, typed): (usize, _)| place(&mut check, index, typed))
            .collect();
    }
    if let Some(tags) = &input.tags
        && check.many("tags", tags)
    {
        customer.tags = tags.iter().map(|tag| check.text("tags", tag, LABEL)).collect();
        customer.tags.remove("");
    }
    if let Some(relations) = &input.relations {
        put_relations(&mut check, customer, own, relations);
    }
    if let Some(services) = &input.services
        && check.many("services", services)
    {
        customer.services = (0..)
            .zip(services)
            .map(|(index, typed): (usize, _)| service(&mut check, index, typed))
            .collect();
    }
    if check.0.is_empty() { Ok(()) } else { Err(check.0) }
}

fn put_numbers(check: &mut Check, customer: &mut Customer, typed: &[NumberInput]) {
    if !check.many("numbers", typed) {
        return;
    }
    let before = std::mem::take(&mut customer.numbers);
    let mut fresh = Vec::new();
    for (index, input) in typed.iter().enumerate() {
        let field = |name: &str| format!("numbers[{index}].{name}");
        let known = input.no.and_then(|no| before.get(&no));
        if input.no.is_some() && known.is_none() {
            check.wrong(
                field("no"),
                "没有这个号码，它可能已被删去。请刷新后再改。",
                "There is no such number; it may be gone. Reload and try again.",
            );
            continue;
        }
        let kind = match (&input.kind, known) {
            (Some(kind), _) => kind.clone(),
            (None, Some(known)) => known.kind.clone(),
            (None, None) => "phone".to_owned(),
        };
        if !["phone", "email", "wechat", "other"].contains(&kind.as_str()) {
            check.wrong(
                field("kind"),
                "可用的有phone、email、wechat、other。",
                "Known: phone, email, wechat, other.",
            );
        }
        let value = match (&input.number, known) {
            (Some(number), _) => check.number(&field("number"), &kind, number),
            (None, Some(known)) if known.kind == kind => known.number.clone(),
            (None, Some(known)) => check.number(&field("number"), &kind, &known.number),
            (None, None) => {
                check.wrong(field("number"), "请填写号码。", "Give the number.");
                continue;
            }
        };
        let extension = check.text(&field("extension"), &input.extension, 8);
        if !extension.chars().all(|c| c.is_ascii_digit()) {
            check.wrong(
                field("extension"),
                "分机号只有数字。",
                "An extension has digits only.",
            );
        }
        let number = Number {
            kind,
            number: value,
            extension,
            label: check.text(&field("label"), &input.label, LABEL),
        };
        match input.no {
            Some(no) => {
                customer.numbers.insert(no, number);
            }
            None => fresh.push(number),
        }
    }
    // A number that is gone gives its place to no other.
    let last = before.keys().next_back().copied().unwrap_or(0);
    for (next, number) in (last + 1..).zip(fresh) {
        customer.numbers.insert(next, number);
    }
    let mut seen = std::collections::BTreeSet::new();
    customer
        .numbers
        .retain(|_, one| seen.insert((one.kind.clone(), one.number.clone(), one.extension.clone())));
}

fn place(check: &mut Check, index: usize, typed: &PlaceInput) -> Place {
    let mut part =
        |name: &str, text: &str, longest| check.text(&format!("places[{index}].{name}"), text, longest);
    let place = Place {
        label: part("label", &typed.label, LABEL),
        area: part("area", &typed.area, NAME),
        building: part("building", &typed.building, NAME),
        unit: part("unit", &typed.unit, NAME),
        room: part("room", &typed.room, NAME),
        text: part("text", &typed.text, 500),
    };
    if place.line().is_empty() {
        check.wrong(
            format!("places[{index}]"),
            "请填写房产，或删去这一行。",
            "Fill it in, or take the line away.",
        );
    }
    place
}

fn put_relations(check: &mut Check, customer: &mut Customer, own: Id, typed: &[RelationInput]) {
    if !check.many("relations", typed) {
        return;
    }
    customer.relations.retain(|(_, kind), _| kind == relation::APART);
    for (index, input) in typed.iter().enumerate() {
        let other = input.customer.parse::<Id>().ok().filter(|id| id.0 > 0);
        let Some(other) = other.filter(|other| *other != own) else {
            check.wrong(
                format!("relations[{index}].customer"),
                "请选择另一位客户。",
                "Choose another customer.",
            );
            continue;
        };
        if !relation::kinds().any(|kind| kind == input.kind) {
            let known: Vec<&str> = relation::kinds().collect();
            check.wrong(
                format!("relations[{index}].kind"),
                format!("可用的有：{}。", known.join("、")),
                format!("Known: {}.", known.join(", ")),
            );
        }
        let note = check.text(&format!("relations[{index}].note"), &input.note, LINE);
        customer.relations.insert((other, input.kind.clone()), note);
    }
}

fn service(check: &mut Check, index: usize, typed: &ServiceInput) -> Service {
    let field = |name: &str| format!("services[{index}].{name}");
    if !["purchase", "service"].contains(&typed.kind.as_str()) {
        check.wrong(
            field("kind"),
            "请选择购买（purchase）或服务（service）。",
            "Choose purchase or service.",
        );
    }
    let what = check.text(&field("what"), &typed.what, LINE);
    if what.is_empty() {
        check.wrong(field("what"), "请填写内容。", "Say what it is.");
    }
    Service {
        kind: typed.kind.clone(),
        what,
        at: check.time(&field("at"), &typed.at),
        until: typed
            .until
            .as_deref()
            .map(|text| check.time(&field("until"), text)),
        amount: typed.amount,
        note: check.text(&field("note"), &typed.note, LINE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(json: serde_json::Value) -> CustomerInput {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn gen_12_a_number_seen_masked_is_kept_by_its_place_and_gone_ones_are_not_reused() {
        let mut customer = Customer::default();
        put(
            &mut customer,
            Id(1),
            &typed(serde_json::json!({ "name": "王", "numbers": [
                { "number": "138 0000 6021" }, { "number": "0571-88810000", "extension": "19", "label": "单位" } ] })),
        )
        .unwrap();
        assert_eq!(customer.numbers.len(), 2);
        put(
            &mut customer,
            Id(1),
            &typed(serde_json::json!({ "numbers": [ { "no": 1, "label": "妻子在用" }, { "number": "wx_a", "kind": "wechat" } ] })),
        )
        .unwrap();
        assert_eq!(customer.numbers[&1].number, "13800006021");
        assert_eq!(customer.numbers[&1].label, "妻子在用");
        assert_eq!(customer.numbers[&3].number, "wx_a");
        assert!(!customer.numbers.contains_key(&2));
    }

    #[test]
    fn gen_12_every_faulty_field_is_named() {
        let mut customer = Customer::default();
        let problems = put(
            &mut customer,
            Id(1),
            &typed(serde_json::json!({
                "name": " ", "kind": "firm", "numbers": [ { "number": "王" }, { "no": 9 } ],
                "places": [ {} ], "relations": [ { "customer": "1", "kind": "spouse" }, { "customer": "2", "kind": "x" } ],
                "services": [ { "kind": "x", "what": "", "at": "yesterday" } ], "notes": "a\u{1}b",
            })),
        )
        .unwrap_err();
        let fields: Vec<&str> = problems.iter().map(|(field, _)| field.as_str()).collect();
        for field in [
            "name",
            "kind",
            "notes",
            "numbers[0].number",
            "numbers[1].no",
            "places[0]",
            "relations[0].customer",
            "relations[1].kind",
            "services[0].kind",
            "services[0].what",
            "services[0].at",
        ] {
            assert!(fields.contains(&field), "{field}: {fields:?}");
        }
    }
}
