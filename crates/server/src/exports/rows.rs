//! The rows of each export: read page by page, cut to what the person may see.

use std::collections::HashMap;

use calendar::{Calendar, Moment};
use regulation::{Actor, Id};
use store::StoreError;

use super::{Cell, NewExport, What, Writer};
use crate::app::App;
use crate::cases::query::{self, CaseLine, Cursor, Filter};
use crate::customers::masked;
use crate::customers::sight::{self, seen};
use crate::http::{Language, Problem};
use crate::jobs::{Progress, Stopped};
use crate::reports::Period;
use crate::reports::api::{Asked, report_for};

/// How many rows are read at a time.
const PORTION: i64 = 200;

// $1, $2, $3 who sees (customers/sight.rs), $4 the last one written, $5 how many; a merged record is listed as the one kept
const CUSTOMERS: &str = concat!(
    "SELECT m.id, m.name, m.premises, m.notes FROM customers m LEFT JOIN customer_profiles p ON p.id = m.id \
     WHERE m.id > $4 AND p.merged_into IS NULL AND ",
    seen!(),
    " ORDER BY m.id LIMIT $5"
);
const PHONES: &str = "SELECT customer, phone FROM customer_phones WHERE customer >= $1 AND customer <= $2 \
     ORDER BY customer, phone";
const ACCESSES: &str = "SELECT id, at, person, address, deed, subject, reason, detail FROM access_log \
     WHERE (at, id) > ($1, $2) AND at < $3 ORDER BY at, id LIMIT $4";

/// What is sought, and for whom.
pub(super) struct Sought<'a> {
    pub app: &'a App,
    pub actor: &'a Actor,
    pub person: Id,
    pub asked: &'a NewExport,
    pub in_full: bool,
    pub language: Language,
}

fn head(words: &[(&str, &str)], language: Language) -> Vec<Cell> {
    words
        .iter()
        .map(|(zh, en)| language.pick(zh, en).into())
        .collect()
}

/// A moment as people write it, in the centre's zone.
fn local(calendar: &Calendar, at: Moment) -> String {
    format!(
        "{} {}",
        calendar.date_of(at),
        calendar.time_of(at).strftime("%H:%M:%S")
    )
}

impl Sought<'_> {
    pub async fn write(&self, writer: &mut Writer<'_>, progress: &mut Progress<'_>) -> Result<u64, Stopped> {
        match self.asked.what {
            What::Cases => self.cases(writer, progress).await?,
            What::Customers => self.customers(writer, progress).await?,
            What::Clauses => self.clauses(writer, progress).await?,
            What::Accesses => self.accesses(writer, progress).await?,
        }
        Ok(writer.rows())
    }

    fn refused(&self, problem: &Problem) -> Stopped {
        Stopped::Failed(problem.detail().clone())
    }

    async fn cases(&self, writer: &mut Writer<'_>, progress: &mut Progress<'_>) -> Result<(), Stopped> {
        let words = [
            ("编号", "Number"),
            ("规程", "Pack"),
            ("类型", "Kind"),
            ("事由", "Subject"),
            ("阶段", "Stage"),
            ("渠道", "Channel"),
            ("收到", "Received"),
            ("办结", "Ended"),
            ("责任部门", "Unit"),
            ("经办人", "Handler"),
            ("首问责任人", "First-contact owner"),
            ("客户", "Customer"),
            ("督办", "Supervised"),
            ("催办次数", "Urged"),
            ("轮次", "Round"),
            ("最近时限", "Nearest deadline"),
            ("到期", "Due"),
        ];
        writer.row(&head(&words, self.language)).await?;
        let (store, around) = (&self.app.centre.store, self.app.centre.surroundings());
        let filter = Filter {
            open: self.asked.open,
            procedure: self.asked.procedure.clone().unwrap_or_default(),
            ..Filter::default()
        };
        let zone = &around.picture.fallback;
        let (mut cursor, mut done) = (Cursor::START, 0);
        loop {
            let (lines, next) = query::all(
                store,
                &around,
                self.person,
                &filter,
                cursor,
                PORTION,
                self.language,
            )
            .await?;
            for line in &lines {
                writer.row(&case_row(line, zone)).await?;
            }
            done += lines.len() as i64;
            progress.tell(done, 0).await?;
            match next.as_deref().map(|text| Cursor::read(Some(text))) {
                Some(Ok(next)) => cursor = next,
                _ => return Ok(()),
            }
        }
    }

    async fn customers(&self, writer: &mut Writer<'_>, progress: &mut Progress<'_>) -> Result<(), Stopped> {
        let words = [
            ("客户编号", "Id"),
            ("名称", "Name"),
            ("电话", "Numbers"),
            ("房产", "Premises"),
            ("备注", "Notes"),
        ];
        writer.row(&head(&words, self.language)).await?;
        let store = &self.app.centre.store;
        let (mut last, mut done) = (i64::MIN, 0);
        loop {
            let [person, now, all] = sight::params_of(self.app, self.person, self.actor);
            let params = [person, now, all, last.into(), PORTION.into()];
            let rows = store.query(CUSTOMERS, &params).await?;
            let (Some(first), Some(end)) = (rows.first(), rows.last()) else {
                return Ok(());
            };
            last = end.int(0)?;
            let mut phones: HashMap<i64, Vec<String>> = HashMap::new();
            for row in store.query(PHONES, &[first.int(0)?.into(), last.into()]).await? {
                let phone = row.text(1)?;
                let phone = if self.in_full {
                    phone.to_owned()
                } else {
                    masked(phone)
                };
                phones.entry(row.int(0)?).or_default().push(phone);
            }
            for row in &rows {
                let id = row.int(0)?;
                let phones = phones.remove(&id).unwrap_or_default();
                let cells = [
                    id.to_string().into(),
                    row.text(1)?.into(),
                    phones.join(" ").into(),
                    row.text(2)?.into(),
                    row.text(3)?.into(),
                ];
                writer.row(&cells).await?;
            }
            done += rows.len() as i64;
            progress.tell(done, 0).await?;
        }
    }

    async fn clauses(&self, writer: &mut Writer<'_>, progress: &mut Progress<'_>) -> Result<(), Stopped> {
        let words = [
            ("条款", "Clause"),
            ("标题", "Title"),
            ("原文", "Text"),
            ("时限", "Limit"),
            ("按时", "Kept"),
            ("超时", "Late"),
            ("未到期", "Open"),
            ("免履行", "Exempt"),
            ("作废", "Lapsed"),
            ("拒绝", "Refused"),
            ("曾超时", "Once late"),
            ("按时率", "Rate"),
        ];
        writer.row(&head(&words, self.language)).await?;
        let asked = Asked {
            pack: self.asked.pack.clone(),
            from: self.asked.from.clone(),
            to: self.asked.to.clone(),
            ..Asked::default()
        };
        let made = report_for(self.app, self.actor, self.person, &asked, self.language).await;
        let report = made.map_err(|problem| self.refused(&problem))?;
        progress.tell(0, report.clauses.len() as i64).await?;
        for row in report.clauses {
            let cells = [
                row.clause.number.into(),
                row.clause.title.into(),
                row.text.into(),
                row.limit.into(),
                row.kept.into(),
                row.late.into(),
                row.open.into(),
                row.exempt.into(),
                row.lapsed.into(),
                row.refused.into(),
                row.once_late.into(),
                row.rate.map_or(Cell::Nothing, Cell::Share),
            ];
            writer.row(&cells).await?;
        }
        Ok(())
    }

    async fn accesses(&self, writer: &mut Writer<'_>, progress: &mut Progress<'_>) -> Result<(), Stopped> {
        let words = [
            ("时间", "At"),
            ("人员", "Person"),
            ("地址", "Address"),
            ("操作", "Deed"),
            ("对象", "Subject"),
            ("理由", "Reason"),
            ("说明", "Detail"),
        ];
        writer.row(&head(&words, self.language)).await?;
        let (store, around) = (&self.app.centre.store, self.app.centre.surroundings());
        let (zone, now) = (&around.picture.fallback, Moment::from_millis(store.now()));
        let period = Period::read(
            zone,
            now,
            self.asked.from.as_deref(),
            self.asked.to.as_deref(),
            None,
        )
        .map_err(|problem| self.refused(&problem))?;
        let (mut at, mut id, mut done) = (period.from.as_millis() - 1, i64::MAX, 0);
        loop {
            let params = [at.into(), id.into(), period.to.as_millis().into(), PORTION.into()];
            let rows = store.query(ACCESSES, &params).await?;
            let Some(end) = rows.last() else { return Ok(()) };
            (id, at) = (end.int(0)?, end.int(1)?);
            for row in &rows {
                let text = |column: usize| -> Result<Cell, StoreError> {
                    Ok(row.opt_text(column)?.map(str::to_owned).into())
                };
                let person = row.opt_int(2)?.map(Id);
                let cells = [
                    local(zone, Moment::from_millis(row.int(1)?)).into(),
                    around.picture.person_name(person).map(str::to_owned).into(),
                    text(3)?,
                    text(4)?,
                    text(5)?,
                    text(6)?,
                    text(7)?,
                ];
                writer.row(&cells).await?;
            }
            done += rows.len() as i64;
            progress.tell(done, 0).await?;
        }
    }
}

fn case_row(line: &CaseLine, zone: &Calendar) -> Vec<Cell> {
    let time =
        |text: &str| Moment::parse_rfc3339(text).map_or_else(|_| text.to_owned(), |at| local(zone, at));
    let nearest = line.nearest.as_ref();
    vec![
        line.number.as_str().into(),
        line.pack.as_str().into(),
        line.procedure_title.as_str().into(),
        line.subject.as_str().into(),
        line.stage_title.as_str().into(),
        line.channel.as_str().into(),
        time(&line.received_at).into(),
        line.ended_at.as_deref().map(time).into(),
        line.unit_name.as_str().into(),
        line.handler_name.clone().into(),
        line.first_contact_owner_name.clone().into(),
        line.customer_name.clone().into(),
        i64::from(line.supervised).into(),
        line.urged.into(),
        line.round.into(),
        nearest.map(|clock| clock.title.clone()).into(),
        nearest.map(|clock| time(&clock.due_at)).into(),
    ]
}
