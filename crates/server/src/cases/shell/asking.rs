//! What a decision asks of its surroundings: the setting it is made in, and the facts about other records.

use calendar::Moment;
use futures_util::future::try_join_all;
use regulation::decide::{FactQuery, Mode, needs_of_offers, try_input};
use regulation::{Actor, Case, Command, Decision, Facts, Id, Pack, Refusal, Setting, needs};

use super::{Order, ShellError};
use crate::cases::facts;
use crate::centre::{Centre, Surroundings};

impl Centre {
    /// Decides without writing anything and without using numbers up: the dry run behind a form.
    pub async fn try_out(&self, order: &Order<'_>) -> Result<Result<Decision, Refusal>, ShellError> {
        let surroundings = self.surroundings();
        let loaded = self.load(order.case).await?;
        let pack = self.pack_for(&surroundings, order, loaded.case.as_ref())?;
        let setting = self.setting(&surroundings, &pack, order);
        let asked = needs(&setting, loaded.case.as_ref(), &order.command);
        let mut answers = self.answers(&asked.facts).await?;
        self.answer_others(&asked, &mut answers).await?;
        Ok(try_input(&setting, loaded.case.as_ref(), answers, &order.command))
    }

    /// The setting of a live decision by someone, for what screens ask beforehand.
    pub fn setting_for<'a>(
        &self,
        surroundings: &'a Surroundings,
        pack: &'a Pack,
        actor: &'a Actor,
    ) -> Setting<'a> {
        Setting {
            pack,
            organisation: &*surroundings.picture,
            actor,
            now: Moment::from_millis(self.store.now()),
            seed: 0,
            mode: Mode::Live,
        }
    }

    pub(super) fn setting<'a>(
        &self,
        surroundings: &'a Surroundings,
        pack: &'a Pack,
        order: &Order<'a>,
    ) -> Setting<'a> {
        Setting {
            pack,
            organisation: &*surroundings.picture,
            actor: order.actor,
            now: order.at.unwrap_or_else(|| Moment::from_millis(self.store.now())),
            seed: self.store.new_id() as u64,
            mode: order.mode,
        }
    }

    /// Facts, numbers and ids for a decision that may be written.
    pub(super) async fn facts(
        &self,
        setting: &Setting<'_>,
        case: Option<&Case>,
        command: &Command,
    ) -> Result<Facts, ShellError> {
        let needed = needs(setting, case, command);
        let mut answers = self.answers(&needed.facts).await?;
        for need in &needed.numbers {
            let mut numbers = Vec::with_capacity(need.count as usize);
            for _ in 0..need.count {
                numbers.push(self.store.number(&need.series).await?);
            }
            answers.numbers.insert(need.series.clone(), numbers);
        }
        self.answer_others(&needed, &mut answers).await?;
        answers.ids = (0..needed.ids).map(|_| Id(self.store.new_id())).collect();
        Ok(answers)
    }

    /// The facts behind all actions of a case page, asked in one go.
    pub async fn facts_of_offers(&self, setting: &Setting<'_>, case: &Case) -> Result<Facts, ShellError> {
        self.answers(&needs_of_offers(setting, case).facts).await
    }

    async fn answers(&self, queries: &[FactQuery]) -> Result<Facts, ShellError> {
        // Asked at once: readers work side by side.
        let asked = queries.iter().map(|query| facts::answer(&self.store, query));
        let found = try_join_all(asked).await?;
        let mut answers = Facts::default();
        for (query, value) in queries.iter().zip(found) {
            if let Some(value) = value {
                answers.values.insert(query.id.clone(), value);
            }
        }
        Ok(answers)
    }
}
