//! Samples (CMP-6): once a day a part of the cases that ended the day before is drawn; the draw is recorded with its
//! population and seed, so that anyone can repeat it, and each case drawn opens the procedure that looks into it.

use std::sync::Arc;

use calendar::{DayRule, Moment};
use regulation::decide::{Mode, Opened, draw, figure};
use regulation::model::{Figure, Figured, Procedure, Sample, Source};
use regulation::{Actor, Case, Command, FieldValue, Fields, Id, Organisation, Pack};
use serde::{Deserialize, Serialize};
use store::{Batch, CommitError, EventHeader, Head, RecordId, StoreError};

use super::sampled::{Sampled, stored};
use crate::cases::payload;
use crate::cases::shell::{Order, ShellError};
use crate::centre::{Centre, Surroundings};

/// The record kind of draws, and the claim that keeps a day from being drawn twice.
const DRAW: &str = "draw";

/// The claim under which a drawn case is opened once.
const SAMPLED: &str = "sampled";

/// After a downtime so many days are made up for.
const DAYS_BACK: i64 = 7;

/// How many cases are in memory at once.
const PORTION: usize = 200;

const ENDED: &str = "SELECT id, unit FROM cases WHERE pack = $1 AND procedure = $2 AND ended >= $3 AND ended < $4 \
     AND void = 0 AND merged_into IS NULL ORDER BY id";
const CLAIMED: &str = "SELECT record FROM claims WHERE name = $1 AND key = $2";

/// A draw as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// The pack.
    pub pack: String,
    /// Its version's hash.
    pub hash: String,
    /// The procedure whose ended cases are looked at.
    pub procedure: String,
    /// The sample's key.
    pub sample: String,
    /// The unit where the pack is in force.
    pub unit: Id,
    /// The day on which they ended.
    pub day: String,
    /// The least share in tenths of a percent.
    pub at_least: u32,
    /// The cases drawn from, ascending.
    pub population: Vec<Id>,
    /// The seed, as decimal text: it may be larger than a JSON number can be.
    pub seed: String,
    /// The cases drawn, ascending.
    pub chosen: Vec<Id>,
}

/// A draw's event. It sets no rows; deriving the tables again passes over it.
#[derive(Serialize, Deserialize)]
struct Recorded {
    rows: std::collections::BTreeMap<String, Vec<()>>,
    draw: Draw,
}

/// Draws the samples of the last days up to yesterday, and says when to look again: at the next midnight. What is drawn
/// and opened already stays as it is.
pub async fn draw_samples(centre: &Centre, now: Moment) -> Result<Moment, StoreError> {
    let around = centre.surroundings();
    let mut next = Moment::from_millis(i64::MAX);
    for in_force in around.packs.in_force() {
        let Some(pack) = around.packs.by_hash(&in_force.hash) else {
            continue;
        };
        if pack
            .procedures
            .values()
            .all(|procedure| procedure.samples.is_empty())
        {
            continue;
        }
        let calendar = around.picture.calendar(&pack, Some(in_force.unit));
        let today = calendar.date_of(now);
        let midnight = |date: calendar::Date| calendar.start_of_day(date);
        next = next.min(midnight(today.tomorrow().unwrap_or(today)));
        let mut days = Vec::new();
        let mut day = today;
        for _ in 0..DAYS_BACK {
            let Ok(before) = day.yesterday() else { break };
            if midnight(day) <= in_force.since {
                break;
            }
            days.push((before, midnight(before), midnight(day)));
            day = before;
        }
        for (day, from, to) in days.into_iter().rev() {
            for procedure in pack.procedures.values() {
                for sample in &procedure.samples {
                    let one = Sampling {
                        around: &around,
                        pack: &pack,
                        procedure,
                        sample,
                        unit: in_force.unit,
                        day: day.to_string(),
                        from,
                        to,
                    };
                    one.carry_out(centre, now).await?;
                }
            }
        }
    }
    Ok(next)
}

/// One sample on one day.
struct Sampling<'a> {
    around: &'a Surroundings,
    pack: &'a Arc<Pack>,
    procedure: &'a Procedure,
    sample: &'a Sample,
    unit: Id,
    day: String,
    from: Moment,
    to: Moment,
}

impl Sampling<'_> {
    fn key(&self) -> String {
        format!(
            "{}:{}:{}:{}:{}",
            self.pack.name, self.procedure.key, self.sample.key, self.unit, self.day
        )
    }

    async fn carry_out(&self, centre: &Centre, now: Moment) -> Result<(), StoreError> {
        let drawn = match self.recorded(centre).await? {
            Some(drawn) => drawn,
            None => match self.draw(centre, now).await? {
                Some(drawn) => drawn,
                None => return Ok(()),
            },
        };
        for case in &drawn.chosen {
            let key = format!("{}:{case}", self.key());
            if !centre
                .store
                .query(CLAIMED, &[SAMPLED.into(), key.as_str().into()])
                .await?
                .is_empty()
            {
                continue;
            }
            match self.open(centre, *case, &key).await {
                Ok(()) | Err(ShellError::Commit(CommitError::Claimed { .. })) => {}
                Err(ShellError::Store(error)) => return Err(error),
                Err(error) => tracing::error!(%key, %error, "a case that was drawn could not be looked into"),
            }
        }
        Ok(())
    }

    /// The draw of this day, if it was made.
    async fn recorded(&self, centre: &Centre) -> Result<Option<Draw>, StoreError> {
        let rows = centre
            .store
            .query(CLAIMED, &[DRAW.into(), self.key().into()])
            .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let history = centre.store.load(RecordId(row.int(0)?)).await?;
        let Some(payload) = history.first().and_then(|event| event.payload.as_ref()) else {
            return Ok(None);
        };
        let recorded: Recorded = serde_json::from_slice(payload).map_err(|error| {
            StoreError::Damaged(format!("the draw {} cannot be read: {error}", self.key()))
        })?;
        Ok(Some(recorded.draw))
    }

    /// Makes and records the draw; `None` when another node was faster or there was nothing to draw from.
    async fn draw(&self, centre: &Centre, now: Moment) -> Result<Option<Draw>, StoreError> {
        let population = self.population(centre, now).await?;
        if population.is_empty() {
            return Ok(None);
        }
        let mut seed = [0; 8];
        getrandom::fill(&mut seed)
            .map_err(|error| StoreError::Failed(format!("no random numbers: {error}")))?;
        let seed = u64::from_be_bytes(seed);
        let drawn = Draw {
            pack: self.pack.name.to_string(),
            hash: self.pack.hash.to_string(),
            procedure: self.procedure.key.clone(),
            sample: self.sample.key.clone(),
            unit: self.unit,
            day: self.day.clone(),
            at_least: self.sample.at_least,
            chosen: draw(&population, self.sample.at_least, seed),
            population,
            seed: seed.to_string(),
        };
        let record = RecordId(centre.store.new_id());
        let mut batch = Batch::new();
        let header = EventHeader {
            record,
            record_kind: DRAW,
            name: "drawn",
            happened: now.as_millis(),
            recorded: centre.store.now(),
            actor: 0,
        };
        let recorded = Recorded {
            rows: std::collections::BTreeMap::new(),
            draw: drawn.clone(),
        };
        let payload = serde_json::to_vec(&recorded).map_err(|error| StoreError::Failed(error.to_string()))?;
        let mut head = Head::EMPTY;
        batch.append(&mut head, header, payload);
        batch.claim(DRAW, self.key(), record);
        match centre.store.commit(batch).await {
            Ok(_) => Ok(Some(drawn)),
            Err(CommitError::Claimed { .. }) => Ok(None),
            Err(CommitError::Unavailable(reason)) => Err(StoreError::Unavailable(reason)),
            Err(error) => Err(StoreError::Failed(error.to_string())),
        }
    }

    /// Cases that ended that day under this version's rules and satisfy the sample's condition.
    async fn population(&self, centre: &Centre, now: Moment) -> Result<Vec<Id>, StoreError> {
        let params = [
            (&*self.pack.name).into(),
            self.procedure.key.as_str().into(),
            self.from.as_millis().into(),
            self.to.as_millis().into(),
        ];
        let mut records = Vec::new();
        for row in centre.store.query(ENDED, &params).await? {
            let unit = Id(row.int(1)?);
            let ours = self
                .around
                .packs
                .in_force_for(&self.around.picture, &self.pack.name, unit);
            // A unit below with a version of its own draws for itself.
            if self.around.picture.within(unit, self.unit)
                && ours.is_some_and(|ours| ours.hash == self.pack.hash)
            {
                records.push(RecordId(row.int(0)?));
            }
        }
        let mut population = Vec::new();
        for portion in records.chunks(PORTION) {
            for history in centre.store.load_many(portion).await? {
                if let Some((case, _)) = payload::replay(&history)?
                    && self.belongs(&case, now)
                {
                    population.push(case.id);
                }
            }
        }
        Ok(population)
    }

    /// Whether the sample's condition holds for a case: asked as a figure that counts this one case.
    fn belongs(&self, case: &Case, now: Moment) -> bool {
        let asked = Figure {
            key: self.sample.key.clone(),
            title: self.sample.title.clone(),
            clause: self.sample.clause.clone(),
            procedures: vec![self.procedure.key.clone()],
            count: Figured::Cases,
            part: self.sample.of.clone(),
            of: self.sample.of.clone(),
            target: None,
        };
        figure(self.pack, &*self.around.picture, now, &asked, [case]).of > 0
    }

    async fn open(&self, centre: &Centre, sampled: Id, key: &str) -> Result<(), ShellError> {
        let (case, _) = centre.case(sampled).await?;
        let opening = &self.sample.opens;
        let asked = self
            .pack
            .procedure(&opening.procedure)
            .map(|procedure| procedure.intake_fields.as_slice());
        let asks = |key: &str| asked.unwrap_or_default().iter().any(|field| field.key == key);
        let calendar = self.around.picture.calendar(self.pack, Some(case.unit));
        let ended = case.ended.unwrap_or(self.to);
        let mut input = Fields::new();
        let due = calendar.after(ended, &self.sample.within, &DayRule::default());
        for (name, value) in [
            ("sampled", FieldValue::from(sampled)),
            ("due", FieldValue::Number(due.as_millis())),
        ] {
            if asks(name) {
                input.insert(name.to_owned(), value);
            }
        }
        let scope = Sampled {
            case: &case,
            procedure: self.procedure,
        };
        for (name, source) in &opening.fields {
            if let Source::Value(expression) = source
                && asks(name)
                && let Some(value) = stored(&expression.evaluate(&scope))
            {
                input.insert(name.clone(), value);
            }
        }
        let opened = Opened {
            channel: "sample".to_owned(),
            customer: case.customer,
            owning_unit: Some(case.owning_unit),
            unit: Some(case.unit),
            first_contact_owner: case.first_contact_owner,
            parent: Some(sampled),
            source: Some(format!("{SAMPLED}:{key}")),
            ..Opened::default()
        };
        let engine = Actor::default();
        let order = Order {
            case: None,
            command: Command::Open {
                procedure: opening.procedure.clone(),
                opened,
                input,
            },
            actor: &engine,
            at: None,
            mode: Mode::Live,
            pack: Some(self.pack.clone()),
            idempotency: None,
        };
        centre.record(&[order], Some((SAMPLED, key))).await.map(|_| ())
    }
}
