//! What may be erased now and what is kept, with the reason. Pure.

use std::collections::BTreeSet;

use calendar::Moment;
use regulation::model::ClauseRef;
use regulation::{Id, Said};

/// A case as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseHeld {
    /// The case.
    pub id: Id,
    /// Its number.
    pub number: String,
    /// Whether it has ended.
    pub ended: bool,
    /// Kept until, by its regulation.
    pub retained_until: Option<Moment>,
    /// Whether a legal hold stands on it.
    pub on_hold: bool,
    /// Whether the person who asks may see it.
    pub within_reach: bool,
}

/// A contact as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactHeld {
    /// The contact.
    pub id: Id,
    /// Cases it was about.
    pub cases: BTreeSet<Id>,
}

/// Something that stays, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What.
    pub number: String,
    /// Why.
    pub why: Said,
}

/// Why an erasure is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// In words.
    pub why: Said,
    /// The clause that forbids it, where one does.
    pub clause: Option<ClauseRef>,
}

/// What an erasure would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Why it is refused as a whole.
    pub refused: Vec<Refused>,
    /// Cases that go.
    pub cases: Vec<Id>,
    /// Contacts that go.
    pub contacts: Vec<Id>,
    /// What stays.
    pub kept: Vec<Kept>,
}

/// Decides what goes and what stays.
pub fn plan(cases: &[CaseHeld], contacts: &[ContactHeld], now: Moment) -> Plan {
    let mut plan = Plan::default();
    let mut staying = BTreeSet::new();
    for case in cases {
        let number = &case.number;
        let legal_hold = || ClauseRef {
            pack: "house".into(),
            clause: "legal_hold".into(),
        };
        let why = if !case.within_reach {
            Some(Said::new(
                "客户还有不在您权限范围内的事项，请由上级部门办理。",
                "The customer has cases outside your scope; somebody over all of them must do this.",
            ))
        } else if case.on_hold {
            Some(Said::new(
                format!("事项{number}因法律保全不得删除。请先按规定解除保全。"),
                format!(
                    "Case {number} is under legal hold and may not be erased; the hold must be lifted first."
                ),
            ))
        } else if !case.ended {
            Some(Said::new(
                format!("事项{number}还没有办结。请办结后再删除。"),
                format!("Case {number} is open; it must end first."),
            ))
        } else {
            None
        };
        if let Some(why) = why {
            let held = case.within_reach && case.on_hold;
            let refusal = Refused {
                why,
                clause: held.then(legal_hold),
            };
            if !plan.refused.contains(&refusal) {
                plan.refused.push(refusal);
            }
            continue;
        }
        match case.retained_until.filter(|until| *until > now) {
            Some(until) => {
                staying.insert(case.id);
                plan.kept.push(Kept {
                    number: number.clone(),
                    why: Said::new(
                        format!("规程规定的保存期未满，保存至{until}，此前只保存、不作他用"),
                        format!(
                            "its regulation keeps it until {until}; until then it is stored and not used"
                        ),
                    ),
                });
            }
            None => plan.cases.push(case.id),
        }
    }
    for contact in contacts {
        if contact.cases.is_disjoint(&staying) {
            plan.contacts.push(contact.id);
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn case(id: i64, ended: bool, until: Option<i64>) -> CaseHeld {
        CaseHeld {
            id: Id(id),
            number: format!("TS{id}"),
            ended,
            retained_until: until.map(Moment::from_millis),
            on_hold: false,
            within_reach: true,
        }
    }

    fn contact(id: i64, cases: &[i64]) -> ContactHeld {
        ContactHeld {
            id: Id(id),
            cases: cases.iter().map(|case| Id(*case)).collect(),
        }
    }

    const NOW: Moment = Moment::from_millis(1000);

    #[test]
    fn gen_11_open_held_and_foreign_cases_refuse_the_whole() {
        let mut held = case(2, true, None);
        held.on_hold = true;
        let mut foreign = case(3, true, None);
        foreign.within_reach = false;
        for (faulty, clause) in [
            (case(1, false, None), None),
            (held, Some("legal_hold")),
            (foreign, None),
        ] {
            let plan = plan(&[case(9, true, None), faulty], &[], NOW);
            assert_eq!(plan.refused.len(), 1, "{plan:?}");
            let named = plan.refused[0].clause.as_ref();
            assert_eq!(named.map(|one| &*one.clause), clause);
        }
    }

    #[test]
    fn gen_11_cases_within_their_term_stay_with_their_contacts() {
        let cases = [
            case(1, true, Some(999)),
            case(2, true, Some(2000)),
            case(3, true, None),
        ];
        let contacts = [contact(4, &[1]), contact(5, &[1, 2]), contact(6, &[])];
        let plan = plan(&cases, &contacts, NOW);
        assert!(plan.refused.is_empty());
        assert_eq!(plan.cases, [Id(1), Id(3)]);
        assert_eq!(plan.contacts, [Id(4), Id(6)]);
        assert_eq!(plan.kept.len(), 1);
    }

    proptest! {
        #[test]
        fn gen_11_nothing_both_goes_and_stays(
            cases in proptest::collection::vec((any::<bool>(), proptest::option::of(0i64..2000)), 0..8)
        ) {
            let cases: Vec<CaseHeld> = (1..).zip(&cases).map(|(id, (ended, until))| case(id, *ended, *until)).collect();
            let plan = plan(&cases, &[], NOW);
            prop_assert_eq!(plan.cases.len() + plan.kept.len() + plan.refused.len(), cases.len());
        }
    }
}
