use proptest::prelude::*;

use super::*;
use crate::expression::{Environment, infer};
use crate::model::ClauseRef;
use crate::source::Place;

fn part(key: &str, yields: Option<u32>, shorten_to: Option<u32>) -> Part {
    Part {
        key: key.to_owned(),
        value: infer("1", &Environment::new(), Place::new("m.yaml", 1, 1)).unwrap(),
        kind: None,
        say: None,
        yields,
        shorten_to,
    }
}

fn message(longest: u32, pieces: Vec<Piece>, parts: Vec<Part>) -> Message {
    Message {
        key: "dispatch".to_owned(),
        title: Said::new("派单", "Dispatch"),
        clause: ClauseRef {
            pack: "p".into(),
            clause: "1".into(),
        },
        longest: Some(Longest {
            zh: longest,
            en: longest,
        }),
        zh: pieces.clone(),
        en: pieces,
        parts,
    }
}

fn values(texts: &[&str]) -> Vec<Option<Said>> {
    texts.iter().map(|text| Some(Said::new(*text, *text))).collect()
}

fn dispatch(longest: u32) -> Message {
    let mut hint = part("hint", Some(1), None);
    hint.say = Some(Said::new("，请{value}", ", please {value}"));
    message(
        longest,
        vec![
            Piece::Plain("派单".to_owned()),
            Piece::Part(0),
            Piece::Plain("，".to_owned()),
            Piece::Part(1),
            Piece::Part(2),
        ],
        vec![part("number", None, None), part("goods", Some(2), Some(4)), hint],
    )
}

const ALL: [&str; 3] = ["TS20261126-0007", "冷链药品及随附检验报告", "轻放"];

#[test]
fn log_3_what_yields_first_goes_first_with_the_words_around_it() {
    let whole = compose(&dispatch(70), &values(&ALL)).unwrap();
    assert_eq!(whole.zh, "派单TS20261126-0007，冷链药品及随附检验报告，请轻放");
    let no_hint = compose(&dispatch(29), &values(&ALL)).unwrap();
    assert_eq!(no_hint.zh, "派单TS20261126-0007，冷链药品及随附检验报告");
    let short = compose(&dispatch(26), &values(&ALL)).unwrap();
    assert_eq!(short.zh, "派单TS20261126-0007，冷链药品及随附…");
}

#[test]
fn log_3_what_still_does_not_fit_is_refused_and_says_by_how_much() {
    let refused = compose(&dispatch(20), &values(&ALL));
    assert_eq!(
        refused,
        Err(TooLong {
            longest: 20,
            found: 22
        })
    );
}

#[test]
fn log_3_a_number_is_never_cut_and_never_left_at_the_cut() {
    for (text, most, left) in [
        ("送至朝阳路138号3单元", 7, Some("送至朝阳路…")),
        ("送至朝阳路138号3单元", 10, Some("送至朝阳路138号…")),
        ("电话138-0000-0000转收件人", 8, Some("电话…")),
        ("电话138-0000-0000转收件人", 17, Some("电话138-0000-0000转…")),
        ("单号TS20261126-0007已派", 6, Some("单号…")),
        ("13800000000", 5, None),
        ("十二箱", 2, None),
        ("重3.5吨的泵", 4, Some("重…")),
        ("二维码扫一扫", 20, Some("二维码扫一扫")),
    ] {
        assert_eq!(shortened(text, most).as_deref(), left, "{text} in {most}");
    }
}

#[test]
fn log_3_a_character_outside_the_basic_plane_counts_as_two() {
    assert_eq!((length("𠮷田"), length("吉田")), (3, 2));
}

proptest! {
    /// Whatever is typed: it fits or is refused, and every run of digits in it was typed so.
    #[test]
    fn log_3_whatever_is_typed_fits_or_is_refused(
        goods in "[\u{4e00}-\u{4e20}0-9.\\-a-c ]{0,60}",
        hint in "[\u{4e00}-\u{4e20}0-9]{0,40}",
        longest in 18_u32..60,
    ) {
        let message = dispatch(longest);
        let given = values(&["TS20261126-0007", &goods, &hint]);
        if let Ok(said) = compose(&message, &given) {
            prop_assert!(length(&said.zh) <= longest);
            let typed = format!("TS20261126-0007，{goods}，请{hint}");
            for run in said.zh.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()) {
                let whole = typed.match_indices(run).any(|(at, _)| {
                    let before = typed[..at].chars().next_back();
                    let after = typed[at + run.len()..].chars().next();
                    !before.is_some_and(|c| c.is_ascii_digit()) && !after.is_some_and(|c| c.is_ascii_digit())
                });
                prop_assert!(whole, "{run} of {} was never typed so", said.zh);
            }
        }
    }
}
