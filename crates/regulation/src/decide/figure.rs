//! Figures: part ÷ of, over cases or their rounds (CMP-6, GEN-8).

use std::collections::BTreeMap;

use serde::Serialize;

use super::scope::{Around, Truth, Typed};
use super::work::ENGINE;
use super::{Organisation, Setting};
use crate::case::{Case, FieldValue};
use crate::model::{Figure, Figured, Pack};

/// What a figure came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FigureValue {
    /// Achieved.
    pub part: u64,
    /// Counted.
    pub of: u64,
}

impl FigureValue {
    /// In tenths of a percent, rounded down; `None` when nothing was counted.
    pub fn per_mille(&self) -> Option<u32> {
        (self.of > 0).then(|| (self.part * 1000 / self.of) as u32)
    }
}

/// Works a figure out over `cases`; which of them fall into the period is the caller's choice. Void and merged cases
/// are left out. `now` is the as-of moment.
pub fn figure<'c>(
    pack: &Pack,
    organisation: &dyn Organisation,
    now: calendar::Moment,
    figure: &Figure,
    cases: impl IntoIterator<Item = &'c Case>,
) -> FigureValue {
    static NO_FACTS: BTreeMap<String, FieldValue> = BTreeMap::new();
    let setting = Setting {
        pack,
        organisation,
        actor: &ENGINE,
        now,
        seed: 0,
        mode: super::Mode::Historic,
    };
    let mut value = FigureValue::default();
    for case in cases {
        let wanted = figure.procedures.is_empty() || figure.procedures.contains(&case.procedure);
        let Some(procedure) = pack.procedure(&case.procedure).filter(|_| wanted) else {
            continue;
        };
        if case.void || case.merged.is_some() {
            continue;
        }
        let around = Around::case(&setting, procedure, case, &NO_FACTS, Typed::Nothing);
        let rounds = match figure.count {
            Figured::Cases => case.round..=case.round,
            Figured::Rounds => 1..=case.round,
        };
        for round in rounds {
            let around = around.with_round(round);
            if around.truth(&figure.of) == Truth::Yes {
                value.of += 1;
                value.part += u64::from(around.truth(&figure.part) == Truth::Yes);
            }
        }
    }
    value
}
