//! Case numbers: `TS{date}-{n:4}` worked out.

use calendar::{Calendar, Moment};

use super::{Facts, Refusal};
use crate::model::NumberTemplate;

/// The text before the number, worked out with the local date: a series of its own.
pub(super) fn series(template: &NumberTemplate, calendar: &Calendar, now: Moment) -> String {
    worked_out(&template.prefix, calendar, now)
}

fn worked_out(text: &str, calendar: &Calendar, now: Moment) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let date = calendar.date_of(now);
    let (year, month, day) = (date.year(), date.month(), date.day());
    text.replace("{date}", &format!("{year:04}{month:02}{day:02}"))
        .replace(
            "{yymmdd}",
            &format!("{:02}{month:02}{day:02}", year.rem_euclid(100)),
        )
        .replace("{month}", &format!("{year:04}{month:02}"))
        .replace("{year}", &format!("{year:04}"))
}

/// Running numbers and ids the shell allotted, given out in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Allotted {
    numbers: Vec<(String, usize)>,
    ids: usize,
}

impl Allotted {
    /// The next number of the template's series, as printed.
    pub(super) fn number(
        &mut self,
        facts: &Facts,
        template: &NumberTemplate,
        calendar: &Calendar,
        now: Moment,
    ) -> Result<String, Refusal> {
        let series = series(template, calendar, now);
        let place = match self.numbers.iter().position(|(known, _)| *known == series) {
            Some(place) => place,
            None => {
                self.numbers.push((series.clone(), 0));
                self.numbers.len() - 1
            }
        };
        let used = &mut self.numbers[place].1;
        let number = facts.numbers.get(&series).and_then(|given| given.get(*used));
        let Some(number) = number else {
            return Err(Refusal::Unknown {
                name: format!("number {series}"),
                nearest: None,
            });
        };
        *used += 1;
        let suffix = worked_out(&template.suffix, calendar, now);
        Ok(format!(
            "{series}{number:0width$}{suffix}",
            width = usize::from(template.width)
        ))
    }

    /// The next id.
    pub(super) fn id(&mut self, facts: &Facts) -> Result<crate::Id, Refusal> {
        let id = facts.ids.get(self.ids).copied();
        self.ids += 1;
        id.ok_or_else(|| Refusal::Unknown {
            name: "id".to_owned(),
            nearest: None,
        })
    }
}
