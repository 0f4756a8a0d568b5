//! How customers are related: kinds with the word for the other side.

use regulation::Said;

/// The kind kept for two records that a person said are not the same customer.
pub const APART: &str = "apart";

// key, key of the other side, as said of the other
const KINDS: &[(&str, &str, &str, &str)] = &[
    ("spouse", "spouse", "配偶", "spouse"),
    ("parent", "child", "父母", "parent"),
    ("child", "parent", "子女", "child"),
    ("relative", "relative", "亲属", "relative"),
    ("household", "household", "同住", "same household"),
    ("landlord", "tenant", "房东", "landlord"),
    ("tenant", "landlord", "租户", "tenant"),
    ("neighbour", "neighbour", "邻居", "neighbour"),
    ("employer", "employee", "单位", "employer"),
    ("employee", "employer", "员工", "employee"),
    ("proxy", "principal", "代办人", "acts for them"),
    ("principal", "proxy", "委托人", "they act for"),
    ("colleague", "colleague", "同事", "colleague"),
    ("other", "other", "其他关系", "other"),
    (APART, APART, "非同一人", "not the same"),
];

/// Kinds that people choose from, in the words of the other side.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(key, ..)| *key).filter(|key| *key != APART)
}

/// The kind seen from the other side.
pub fn inverse(kind: &str) -> &str {
    KINDS
        .iter()
        .find(|(key, ..)| *key == kind)
        .map_or(kind, |(_, inverse, ..)| inverse)
}

/// What the other one is.
pub fn word(kind: &str) -> Said {
    KINDS
        .iter()
        .find(|(key, ..)| *key == kind)
        .map_or_else(|| Said::new(kind, kind), |(_, _, zh, en)| Said::new(*zh, *en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gen_12_every_relation_has_another_side_that_leads_back() {
        for kind in kinds() {
            assert_eq!(inverse(inverse(kind)), kind);
            assert!(kinds().any(|known| known == inverse(kind)), "{kind}");
        }
    }
}
