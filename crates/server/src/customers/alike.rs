//! Whether two records may be one customer: a score with its reasons. Pure.

use std::collections::BTreeSet;

use regulation::Said;

use super::record::{Customer, Place, folded, sound};

/// From this score on two records are shown side by side.
pub const ENOUGH: u32 = 50;

/// Words that stand for a given name.
const TITLES: &[&str] = &["先生", "女士", "小姐", "老师", "师傅", "阿姨", "叔叔", "太太"];

/// What two records have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    /// 0 to 100.
    pub score: u32,
    /// Why.
    pub reasons: Vec<Said>,
}

/// The first character and whether a title stands for the rest.
fn family(name: &str) -> (Option<char>, bool) {
    let titled = TITLES
        .iter()
        .any(|title| name.ends_with(title) && name.chars().count() <= 4);
    (name.chars().next(), titled)
}

fn places(customer: &Customer) -> BTreeSet<String> {
    let keys = customer.places.iter().map(Place::key);
    keys.filter(|key| key.chars().count() >= 3).collect()
}

/// Compares two records.
pub fn compare(one: &Customer, other: &Customer) -> Alike {
    let mut score = 0;
    let mut reasons = Vec::new();
    let mut has = |points: u32, zh: &str, en: &str| {
        score += points;
        reasons.push(Said::new(zh, en));
    };
    if one.phones().intersection(&other.phones()).next().is_some() {
        has(55, "号码相同", "same number");
    } else {
        let wires = |customer: &Customer| -> BTreeSet<(String, String)> {
            let numbers = customer.numbers.values().filter(|number| number.kind != "phone");
            numbers
                .map(|number| (number.kind.clone(), number.number.to_lowercase()))
                .collect()
        };
        if wires(one).intersection(&wires(other)).next().is_some() {
            has(55, "微信或邮箱相同", "same address");
        }
    }
    let (name, other_name) = (folded(&one.name), folded(&other.name));
    let ((first, titled), (other_first, other_titled)) = (family(&name), family(&other_name));
    if name == other_name && !titled {
        has(30, "姓名相同", "same name");
    } else if sound(&one.name) == sound(&other.name) && !titled {
        has(25, "姓名同音", "the names sound alike");
    } else if first == other_first && (titled || other_titled) {
        has(10, "姓氏相同", "same family name");
    }
    let (here, there) = (places(one), places(other));
    if here.intersection(&there).next().is_some() {
        has(30, "房产相同", "same premises");
    } else if here.iter().any(|key| {
        there
            .iter()
            .any(|known| known.starts_with(key) || key.starts_with(known))
    }) {
        has(15, "房产相近", "premises within each other");
    }
    if one.organisation != other.organisation {
        score = score.saturating_sub(30);
    }
    Alike {
        score: score.min(100),
        reasons,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::record::Number;
    use super::*;

    fn customer(name: &str, phone: &str, place: &str) -> Customer {
        let mut customer = Customer {
            name: name.to_owned(),
            ..Customer::default()
        };
        customer.add_number(Number {
            kind: "phone".to_owned(),
            number: phone.to_owned(),
            ..Number::default()
        });
        if !place.is_empty() {
            customer.places.push(Place {
                text: place.to_owned(),
                ..Place::default()
            });
        }
        customer
    }

    #[test]
    fn gen_12_records_of_one_customer_are_found_and_others_are_not() {
        let shen = customer("沈立群", "139 0000 2207", "澄园一期9栋2单元1102");
        for (other, found) in [
            (customer("沈先生", "13900002207", "澄园一期9栋"), true),
            (customer("沈立群", "", "澄园一期 9栋2单元1102"), true),
            (customer("沈丽群", "15500006140", "澄园一期9栋2单元1102"), true),
            (customer("周雅萍", "13900002207", ""), true),
            (customer("沈立群", "15500006140", ""), false),
            (customer("沈立群", "15500006140", "湖畔3栋101"), false),
            (customer("周雅萍", "15500006140", "澄园一期9栋2单元1102"), false),
            (customer("沈先生", "15500006140", "澄园一期9栋2单元1102"), false),
        ] {
            let alike = compare(&shen, &other);
            assert_eq!(alike.score >= ENOUGH, found, "{} {alike:?}", other.name);
        }
        let mut firm = customer("沈立群", "13900002207", "");
        firm.organisation = true;
        assert!(compare(&shen, &firm).score < compare(&shen, &customer("沈立群", "13900002207", "")).score);
    }

    proptest! {
        #[test]
        fn gen_12_likeness_is_the_same_from_both_sides(
            a in "[沈周][立群先生]{1,2}", b in "[沈周][立群先生]{1,2}", p in "1390000220[0-3]", q in "1390000220[0-3]",
            x in "[一二]期[0-9]栋", y in "[一二]期[0-9]栋"
        ) {
            let (one, other) = (customer(&a, &p, &x), customer(&b, &q, &y));
            prop_assert_eq!(compare(&one, &other), compare(&other, &one));
            prop_assert!(compare(&one, &one).score >= ENOUGH);
        }
    }
}
