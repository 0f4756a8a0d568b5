//! Working hours put into a pack's calendar: its `hours:` line, nothing else of it.

use std::fmt::Write;

use regulation::source::Files;

/// Hours as answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hours {
    pub opens: String,
    pub closes: String,
    /// When Saturday ends, where it is worked at all.
    pub saturday_closes: Option<String>,
}

/// A time of day as people write it: `8:30` or `08:30`, up to `24:00`. Minutes since midnight.
pub(super) fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits =
        |text: &str| !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= 24 * 60).then_some(all)
}

fn shown(text: &str) -> String {
    let all = minutes(text).unwrap_or_default();
    format!("{:02}:{:02}", all / 60, all % 60)
}

/// The line of a calendar.
fn line(hours: &Hours) -> String {
    let opens = shown(&hours.opens);
    let mut line = format!("hours: {{ mon-fri: \"{opens}-{}\"", shown(&hours.closes));
    if let Some(closes) = &hours.saturday_closes {
        let _ = write!(line, ", sat: \"{opens}-{}\"", shown(closes));
    }
    line.push_str(" }");
    line
}

/// The same files with these hours in the pack's default calendar.
pub(super) fn with(files: &Files, hours: &Hours) -> Files {
    let mut made = Files::new();
    let mut placed = false;
    for file in files.iter() {
        let default = !placed
            && !file.path.contains('/')
            && file.path.ends_with(".yaml")
            && !file.text.lines().any(|line| line.starts_with("calendar:"))
            && file.text.lines().any(|line| line.starts_with("hours:"));
        if default {
            let lines: Vec<String> = file
                .text
                .lines()
                .map(|one| {
                    if one.starts_with("hours:") {
                        line(hours)
                    } else {
                        one.to_owned()
                    }
                })
                .collect();
            made.insert(&file.path, &(lines.join("\n") + "\n"));
            placed = true;
        } else {
            made.insert(&file.path, &file.text);
        }
    }
    if !placed {
        let calendar = format!("public_holidays: CN\nzone: Asia/Shanghai\n{}\n", line(hours));
        made.insert("calendar.yaml", &calendar);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::{Bundle, built_in, built_in_names};

    #[test]
    fn times_of_day_are_read_and_others_are_not() {
        assert_eq!(minutes("8:30"), Some(510));
        assert_eq!(minutes(" 24:00 "), Some(1440));
        for wrong in ["", "8", "8:60", "24:01", "-1:00", "8:3x", "８:30", "008:30"] {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_pack_of_the_box_links_with_other_hours() {
        let hours = Hours {
            opens: "9:00".into(),
            closes: "17:30".into(),
            saturday_closes: Some("12:00".into()),
        };
        for name in built_in_names() {
            if name == "house" {
                continue;
            }
            let files = built_in(&name).unwrap();
            let made = with(&files, &hours);
            let pack = Bundle::of(&made)
                .link()
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let before = Bundle::of(&files).link().unwrap();
            assert_ne!(pack.hash, before.hash, "{name}");
            assert_eq!(pack.procedures.len(), before.procedures.len(), "{name}");
        }
    }
}
