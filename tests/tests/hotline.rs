//! Recorded messages of a public hotline: imported at their true times, measured by the clauses, and measured again by
//! a second way of counting that knows nothing of the product. The messages here are invented.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;
use system_tests::{Backend, Starter, Workdays, local, now, project, seconds, verified};

const HEADERS: &str = "id,user,subject,received_at,detail,reply,replied_at\n";
const HOUR: i64 = 60 * 60;
/// Holidays and make-up workdays of 2019, from the State Council's notices.
const HOLIDAYS: &str = "2019-02-02,work\n2019-02-03,work\n2019-02-04,off\n2019-02-05,off\n2019-02-06,off\n\
    2019-02-07,off\n2019-02-08,off\n2019-02-09,off\n2019-02-10,off\n2019-04-05,off\n2019-04-28,work\n2019-05-01,off\n\
    2019-05-02,off\n2019-05-03,off\n2019-05-04,off\n2019-05-05,work\n2019-06-07,off\n2019-09-13,off\n2019-09-29,work\n\
    2019-10-01,off\n2019-10-02,off\n2019-10-03,off\n2019-10-04,off\n2019-10-07,off\n2019-10-12,work\n2020-01-01,off\n";

struct Message {
    id: String,
    received: i64,
    replied: Option<i64>,
}

/// Two hundred messages of 2019, the first twelve at limits worked out by hand.
fn invented() -> Vec<Message> {
    let by_hand = [
        // Received, replied, with 72 hours from the receipt and 15 workdays ending at the midnight after the last one.
        ("2019-09-27 10:00:00", "2019-09-30 10:00:00"), // at the very limit of A: kept
        ("2019-09-27 10:00:00", "2019-09-30 10:00:01"), // a second later: late
        ("2019-09-27 10:00:00", "2019-10-23 23:59:59"), // the last second of B
        ("2019-09-27 10:00:00", "2019-10-24 00:00:00"), // its very limit: kept
        ("2019-09-27 10:00:00", "2019-10-24 00:00:01"), // late
        ("2019-09-28 12:00:00", "2019-10-24 00:00:00"), // received on a Saturday, the same limit
        ("2019-09-29 12:00:00", "2019-10-24 23:00:00"), // received on a make-up Sunday: one day more
        ("2019-04-26 09:00:00", "2019-05-20 23:59:59"), // two make-up Sundays, one holiday of four days
        ("2019-04-26 09:00:00", "2019-05-21 00:00:01"),
        ("2019-01-31 17:30:00", "2019-02-26 23:59:59"), // Spring Festival with a weekend worked before it
        ("2019-01-31 17:30:00", "2019-02-27 00:00:01"),
        ("2019-12-20 00:00:00", "2019-12-20 00:00:00"), // replied at once
    ];
    let mut messages: Vec<Message> = by_hand
        .iter()
        .enumerate()
        .map(|(at, (received, replied))| Message {
            id: format!("h{at}"),
            received: seconds(received),
            replied: Some(seconds(replied)),
        })
        .collect();
    let first = seconds("2019-01-02 00:07:13");
    for no in 0..188_i64 {
        let received = first + no * (44 * HOUR + 2017);
        // Replies after none to 40 days, one in nine not at all.
        let replied = (no % 9 != 4).then(|| received + (no * 37 % 41) * 24 * HOUR + no * 131);
        messages.push(Message {
            id: format!("m{no}"),
            received,
            replied,
        });
    }
    messages
}

fn csv(messages: &[Message]) -> String {
    let mut text = HEADERS.to_owned();
    for message in messages {
        let (reply, replied) = message.replied.map_or((String::new(), String::new()), |at| {
            ("\"您好，已安排检修。\n谢谢！\"".to_owned(), local(at))
        });
        let (id, received) = (&message.id, local(message.received));
        text.push_str(&format!(
            "{id},U{id},路灯不亮,{received},\"第三排路灯，已坏两天\",{reply},{replied}\n"
        ));
    }
    text
}

type Ids = BTreeMap<&'static str, BTreeSet<String>>;

/// Kept, late and open of a limit, counted by the test itself.
fn counted(messages: &[Message], limit: impl Fn(i64) -> i64, as_of: i64) -> Ids {
    let mut ids = Ids::from([
        ("kept", BTreeSet::new()),
        ("late", BTreeSet::new()),
        ("open", BTreeSet::new()),
    ]);
    for message in messages.iter().filter(|message| message.received <= as_of) {
        let due = limit(message.received);
        let column = match message.replied.filter(|at| *at <= as_of) {
            Some(at) if at <= due => "kept",
            None if as_of <= due => "open",
            _ => "late",
        };
        ids.get_mut(column).unwrap().insert(message.id.clone());
    }
    ids
}

/// The printed report against the test's own counting, figures and ids.
#[track_caller]
fn compare(report: &Value, messages: &[Message], days: &Workdays, as_of: i64) {
    let expected = [
        ("A", counted(messages, |at| at + 72 * HOUR, as_of)),
        ("B", counted(messages, |at| days.end_of(15, at), as_of)),
    ];
    for (clause, expected) in expected {
        let lines = report["clauses"].as_array().unwrap();
        let line = lines
            .iter()
            .find(|line| line["id"] == clause && line["pack"] == "hotline")
            .unwrap_or_else(|| panic!("no clause {clause}: {report}"));
        for (column, ids) in &expected {
            let printed: Vec<String> = serde_json::from_value(line["ids"][column].clone()).unwrap();
            let once: BTreeSet<String> = printed.iter().cloned().collect();
            let apart: Vec<&String> = once.symmetric_difference(ids).collect();
            assert!(
                apart.is_empty(),
                "{clause} {column}: {apart:?} are in one count and not in the other"
            );
            assert_eq!(printed.len(), ids.len(), "{clause} {column}: an id twice");
            assert_eq!(
                line[column].as_u64().unwrap(),
                ids.len() as u64,
                "{clause} {column}"
            );
        }
        for column in ["exempt", "lapsed", "refused"] {
            assert_eq!(line[column], 0, "{clause} {column}");
        }
    }
}

fn import(place: &Starter, file: &Path, more: &[&str]) -> Value {
    let words = [&["import", "hotline", file.to_str().unwrap()], more].concat();
    place.json(&words)
}

#[track_caller]
fn imported(import: &Value, figures: [u64; 5]) {
    for (name, figure) in ["rows", "opened", "answered", "unchanged", "later"]
        .iter()
        .zip(figures)
    {
        assert_eq!(import[name], figure, "{name}: {import}");
    }
}

fn each_way(test: impl Fn(Starter)) {
    for backend in Backend::ALL {
        Starter::new(backend).into_iter().for_each(&test);
    }
}

#[test]
fn tel_11_messages_are_imported_and_measured_as_counted_by_hand() {
    each_way(|place| {
        // Given two hundred messages, and rows that cannot be taken
        let messages = invented();
        assert_eq!(messages.len(), 200);
        let answered = messages
            .iter()
            .filter(|message| message.replied.is_some())
            .count() as u64;
        let file = place.folder().join("messages.csv");
        let faulty = [
            (",U,主题,2019-03-01 09:00:00,内容,,", "", "id is empty"),
            ("f1,U,主题,2019-02-30 09:00:00,内容,,", "f1", "no such day"),
            ("f2,U,主题,2019-03-01 25:00:00,内容,,", "f2", "no such time"),
            ("f3,U,主题,yesterday,内容,,", "f3", "is not a time"),
            (
                "f4,U,主题,2019-03-02 09:00:00,内容,答复,2019-03-01 09:00:00",
                "f4",
                "before received_at",
            ),
            (
                "f5,U,主题,2019-03-02 09:00:00,内容,,2019-03-03 09:00:00",
                "f5",
                "without a reply",
            ),
            ("f6,U,主题,2019-03-02 09:00:00", "", "4 columns instead of 7"),
            ("f7,U,,2019-03-02 09:00:00,内容,,", "f7", "subject: "),
            ("f8,U,主题,2999-03-02 09:00:00,内容,,", "f8", "in the future"),
        ];
        let rows: Vec<&str> = faulty.iter().map(|(row, ..)| *row).collect();
        // The faulty rows come first, so that their lines are known: 2 to 10.
        let text = csv(&messages).replacen(HEADERS, &format!("{HEADERS}{}\n", rows.join("\n")), 1);
        std::fs::write(&file, text).unwrap();

        // When they are imported
        let first = import(&place, &file, &[]);

        // Then every good row is a case, and every faulty one is named with line and reason
        imported(&first, [209, 200, answered, 0, 0]);
        let rejected = first["rejected"].as_array().unwrap();
        assert_eq!(rejected.len(), faulty.len(), "{first}");
        for (at, (told, (_, id, reason))) in rejected.iter().zip(faulty).enumerate() {
            assert_eq!(
                (told["line"].as_u64().unwrap(), told["id"].as_str().unwrap()),
                (at as u64 + 2, id)
            );
            assert!(
                told["reason"].as_str().unwrap().contains(reason),
                "{reason}: {told}"
            );
        }
        // And the clause report says what the test counts, now and at an earlier time
        let days = Workdays::read(HOLIDAYS);
        compare(
            &place.json(&["report", "clauses", "--pack", "hotline"]),
            &messages,
            &days,
            now(),
        );
        let words = ["report", "clauses", "--as-of", "2019-10-10T04:00:00Z"];
        compare(
            &place.json(&words),
            &messages,
            &days,
            seconds("2019-10-10 12:00:00"),
        );
        verified(&place);

        // When they are imported again, nothing comes in twice
        let again = import(&place, &file, &[]);
        imported(&again, [209, 0, 0, 200, 0]);
        assert_eq!(again["differing"].as_array().unwrap().len(), 0, "{again}");
        compare(&place.json(&["report", "clauses"]), &messages, &days, now());
        verified(&place);

        // And a row that says something else now is named, and changes nothing
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replacen("已安排检修", "已修好", 1)).unwrap();
        let other = import(&place, &file, &[]);
        imported(&other, [209, 0, 0, 199, 0]);
        let differing = &other["differing"];
        assert_eq!(differing.as_array().unwrap().len(), 1, "{other}");
        assert!(
            differing[0]["reason"].as_str().unwrap().contains("reply"),
            "{other}"
        );
        compare(&place.json(&["report", "clauses"]), &messages, &days, now());
    });
}

#[test]
fn tel_11_what_until_left_out_is_added_to_the_same_cases_later() {
    each_way(|place| {
        // Given messages imported up to a day, from a file in GBK
        let messages = invented();
        let file = place.folder().join("gbk.csv");
        let text = csv(&messages);
        let (bytes, ..) = encoding_rs::GBK.encode(&text);
        std::fs::write(&file, bytes).unwrap();
        let until = seconds("2019-06-15 00:00:00");
        let known: Vec<Message> = messages
            .iter()
            .filter(|message| message.received < until)
            .map(|message| Message {
                id: message.id.clone(),
                received: message.received,
                replied: message.replied.filter(|at| *at < until),
            })
            .collect();
        let answered = known.iter().filter(|message| message.replied.is_some()).count() as u64;
        let first = import(&place, &file, &["--until", "2019-06-14"]);
        imported(
            &first,
            [200, known.len() as u64, answered, 0, 200 - known.len() as u64],
        );
        let days = Workdays::read(HOLIDAYS);
        compare(
            &place.json(&["report", "clauses", "--as-of", "2019-06-15"]),
            &known,
            &days,
            until,
        );
        verified(&place);

        // When the whole file is imported later, as UTF-8 with a byte-order mark
        std::fs::write(&file, format!("\u{feff}{text}")).unwrap();
        let all = import(&place, &file, &[]);

        // Then the replies reach the cases that are there, and the rest comes in
        let answered_in_all = messages
            .iter()
            .filter(|message| message.replied.is_some())
            .count() as u64;
        imported(
            &all,
            [
                200,
                200 - known.len() as u64,
                answered_in_all - answered,
                known.iter().filter(|message| message.replied.is_some()).count() as u64
                    + messages
                        .iter()
                        .filter(|one| one.received < until && one.replied.is_none())
                        .count() as u64,
                0,
            ],
        );
        assert_eq!(place.number("SELECT COUNT(*) FROM cases"), 200);
        compare(&place.json(&["report", "clauses"]), &messages, &days, now());
        verified(&place);
    });
}

/// A copy of the pack with B at ten workdays.
fn ten_workdays(place: &Starter) -> String {
    let copy = place.folder().join("ten");
    std::fs::create_dir(&copy).unwrap();
    for entry in std::fs::read_dir(project().join("packs/hotline")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = std::fs::read_to_string(&path)
                .unwrap()
                .replace("15 workdays", "10 workdays");
            std::fs::write(copy.join(path.file_name().unwrap()), text).unwrap();
        }
    }
    copy.to_str().unwrap().to_owned()
}

#[test]
fn qlt_3_a_rehearsal_tells_before_and_after_and_changes_nothing() {
    each_way(|place| {
        // Given imported messages
        let messages = invented();
        let file = place.folder().join("messages.csv");
        std::fs::write(&file, csv(&messages)).unwrap();
        import(&place, &file, &[]);
        let report = |place: &Starter| place.json(&["report", "clauses"])["clauses"].clone();
        let (before, roots) = (report(&place), verified(&place)["history"].clone());

        // When a copy of the pack with ten workdays is rehearsed
        let rehearsal = place.json(&["rehearse", &ten_workdays(&place)]);

        // Then it says what the test counts for both
        assert_eq!(rehearsal["contacts"], 200, "{rehearsal}");
        assert_eq!(rehearsal["refused_acts"], 0, "{rehearsal}");
        let days = Workdays::read(HOLIDAYS);
        for (id, before, after) in [("A", 0, 0), ("B", 15, 10)] {
            let clauses = rehearsal["clauses"].as_array().unwrap();
            let change = clauses.iter().find(|clause| clause["id"] == id).unwrap();
            for (side, workdays) in [("before", before), ("after", after)] {
                let limit = |at| {
                    if workdays == 0 {
                        at + 72 * HOUR
                    } else {
                        days.end_of(workdays, at)
                    }
                };
                for (column, ids) in counted(&messages, limit, now()) {
                    assert_eq!(change[side][column], ids.len(), "{id} {side} {column}: {change}");
                }
            }
        }
        assert_ne!(
            rehearsal["clauses"][1]["before"],
            rehearsal["clauses"][1]["after"]
        );
        // And nothing has changed: the same report, the same events under the same root
        assert_eq!(report(&place), before);
        let after = verified(&place)["history"].clone();
        for figure in ["events", "roots", "newest_root"] {
            assert_eq!(after[figure], roots[figure], "{figure}");
        }
    });
}

#[test]
fn tel_11_the_real_file_is_measured_as_counted_apart() {
    let data = project().join("../shared/data");
    let (file, holidays) = (
        data.join("hotline/answered.csv"),
        data.join("holidays/cn_2004_2026.csv"),
    );
    let (Ok(text), Ok(holidays)) = (std::fs::read_to_string(&file), std::fs::read_to_string(holidays)) else {
        eprintln!("left out: {} is not here", file.display());
        return;
    };
    let messages: Vec<Message> = rows(text.trim_start_matches('\u{feff}'))
        .into_iter()
        .skip(1)
        .map(|row| Message {
            id: row[0].clone(),
            received: seconds(&row[3].replace('/', "-")),
            replied: Some(&row[6])
                .filter(|at| !at.is_empty())
                .map(|at| seconds(&at.replace('/', "-"))),
        })
        .collect();
    let days = Workdays::read(&holidays);
    each_way(|place| {
        let first = import(&place, &file, &[]);
        let rejected: BTreeSet<&str> = first["rejected"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].as_str().unwrap())
            .collect();
        assert!(rejected.is_empty(), "{first}");
        assert_eq!(first["opened"], messages.len(), "rows {}", first["rows"]);
        compare(
            &place.json(&["report", "clauses", "--pack", "hotline"]),
            &messages,
            &days,
            now(),
        );
        verified(&place);
    });
}

/// CSV read plainly: quotes, doubled quotes, line ends inside quotes.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' if !quoted => {}
            other => cell.push(other),
        }
    }
    if !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}
