//! A measured figure beside the raw engine's and the bar it is held to.

use serde::Serialize;

/// How a figure is judged.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "must", content = "value", rename_all = "snake_case")]
pub enum Bar {
    /// At least so much.
    AtLeast(f64),
    /// Less than so much.
    Below(f64),
    /// An aim on a quiet machine: printed and compared, not judged.
    Aim(f64),
    /// Nothing: it stands there to explain the others.
    None,
}

/// One measured figure.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// How much.
    pub measured: f64,
    /// Of what.
    pub unit: &'static str,
    /// What the raw engine did in the same run, in the same unit.
    pub raw: Option<f64>,
    /// What it is held to; where there is a raw figure the bar is on measured ÷ raw.
    pub bar: Bar,
    /// Whether the bar was kept; `None` where nothing is judged.
    pub kept: Option<bool>,
    /// What else to know.
    pub note: String,
}

impl Figure {
    /// A figure held to a bar.
    pub fn new(name: impl Into<String>, measured: f64, unit: &'static str, bar: Bar) -> Self {
        let mut figure = Figure {
            name: name.into(),
            measured,
            unit,
            raw: None,
            bar,
            kept: None,
            note: String::new(),
        };
        figure.judge();
        figure
    }

    /// Beside the raw engine: from now on the bar is on the ratio.
    pub fn beside(mut self, raw: f64) -> Self {
        self.raw = Some(raw);
        self.judge();
        self
    }

    /// With a note.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn judged(&self) -> f64 {
        self.raw
            .map_or(self.measured, |raw| self.measured / raw.max(1e-9))
    }

    fn judge(&mut self) {
        self.kept = match self.bar {
            Bar::AtLeast(least) => Some(self.judged() >= least),
            Bar::Below(most) => Some(self.judged() < most),
            Bar::Aim(_) | Bar::None => None,
        };
    }

    /// One line for people.
    pub fn line(&self) -> String {
        let shown = |value: f64| match value.abs() {
            large if large >= 1000.0 => format!("{value:.0}"),
            middle if middle >= 10.0 => format!("{value:.1}"),
            _ => format!("{value:.2}"),
        };
        let measured = format!("{} {}", shown(self.measured), self.unit);
        let (raw, as_ratio) = match self.raw {
            Some(raw) => (
                format!("raw {} = {:.0} %", shown(raw), self.judged() * 100.0),
                true,
            ),
            None => (String::new(), false),
        };
        let wanted = |value: f64| {
            if as_ratio {
                format!("{:.0} %", value * 100.0)
            } else {
                format!("{} {}", shown(value), self.unit)
            }
        };
        let bar = match self.bar {
            Bar::AtLeast(least) => format!("bar ≥ {}", wanted(least)),
            Bar::Below(most) => format!("bar < {}", wanted(most)),
            Bar::Aim(aim) => format!("aim {}", wanted(aim)),
            Bar::None => String::new(),
        };
        let verdict = match self.kept {
            Some(true) => "kept",
            Some(false) => "MISSED",
            None => "",
        };
        let line = format!("{:<58} {measured:>20}  {raw:<24} {bar:<24} {verdict}", self.name);
        let line = line.trim_end();
        if self.note.is_empty() {
            line.to_owned()
        } else {
            format!("{line}\n    {}", self.note)
        }
    }
}

/// The middle one of several runs, by a measure.
pub fn middle<T>(mut runs: Vec<T>, by: impl Fn(&T) -> f64) -> Option<T> {
    runs.sort_by(|a, b| by(a).total_cmp(&by(b)));
    let at = runs.len() / 2;
    (!runs.is_empty()).then(|| runs.swap_remove(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_beside_the_raw_engine_is_on_the_ratio() {
        assert_eq!(
            Figure::new("a", 60.0, "/s", Bar::AtLeast(0.5)).beside(100.0).kept,
            Some(true)
        );
        assert_eq!(
            Figure::new("a", 40.0, "/s", Bar::AtLeast(0.5)).beside(100.0).kept,
            Some(false)
        );
    }

    #[test]
    fn a_limit_itself_is_not_below_it_and_an_aim_is_not_judged() {
        assert_eq!(Figure::new("a", 2.0, "s", Bar::Below(2.0)).kept, Some(false));
        assert_eq!(Figure::new("a", 5.0, "/s", Bar::AtLeast(5.0)).kept, Some(true));
        assert_eq!(Figure::new("a", 1.0, "/s", Bar::Aim(5.0)).kept, None);
    }

    #[test]
    fn the_middle_of_three_runs_is_neither_the_best_nor_the_worst() {
        assert_eq!(middle(vec![3.0, 1.0, 2.0], |run| *run), Some(2.0));
        assert_eq!(middle(Vec::<f64>::new(), |run| *run), None);
    }
}
