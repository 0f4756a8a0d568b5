use crate::source::{Language, Mistake, Mistakes, Node, Reader, Said, yaml};

fn read<T>(text: &str, reading: impl FnOnce(&mut Reader<'_>) -> T) -> (T, Vec<Mistake>) {
    let mistakes = Mistakes::new();
    let node: Node = yaml::parse("a.yaml", text, &mistakes).unwrap();
    let mut reader = Reader::over(&node, &mistakes).unwrap();
    let value = reading(&mut reader);
    reader.finish();
    (value, mistakes.into_sorted())
}

fn codes(mistakes: &[Mistake]) -> Vec<(&str, u32, u32)> {
    mistakes
        .iter()
        .map(|m| (m.code, m.place.line, m.place.column))
        .collect()
}

#[test]
fn unknown_and_missing_keys_are_reported_with_the_nearest() {
    let (_, mistakes) = read("tilte: x\nfrom: a\n", |r| {
        (r.need_text("title").is_none(), r.texts("from").len())
    });
    assert_eq!(codes(&mistakes), [("key.missing", 1, 1), ("key.unknown", 1, 1)]);
    assert!(
        mistakes[1].to_string().contains("Did you mean \"title\"?"),
        "{}",
        mistakes[1]
    );
    assert!(
        mistakes[1].told(Language::Zh).contains("是否应为“title”？"),
        "{}",
        mistakes[1].told(Language::Zh)
    );
    let (_, mistakes) = read("title:\n", |r| r.need_text("title").map(str::to_owned));
    assert_eq!(codes(&mistakes), [("key.missing", 1, 1)]);
}

#[test]
fn a_wrong_kind_is_reported_where_it_stands() {
    let text = "a: [x]\nb: maybe\nc: 1.5\nd: x\ne: { k: v }\nf: -1\ng: title：投诉\nh: closin\n";
    let (_, mistakes) = read(text, |r| {
        assert_eq!((r.text("a"), r.flag("b", true), r.whole("c")), (None, true, None));
        assert!(r.list("d").is_empty() && r.texts("e").is_empty());
        assert_eq!(r.count("f"), None);
        assert!(r.reader("g").is_none());
        assert_eq!(r.choice("h", &[("closing", 1), ("midnight", 2)]), None);
    });
    let expected = [
        "kind.wrong",
        "kind.wrong",
        "kind.wrong",
        "kind.wrong",
        "kind.wrong",
        "kind.wrong",
        "kind.wrong",
    ];
    assert_eq!(
        mistakes.iter().map(|m| m.code).take(7).collect::<Vec<_>>(),
        expected
    );
    assert_eq!(
        mistakes.iter().map(|m| m.place.line).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5, 6, 7, 8]
    );
    assert!(
        mistakes[6].remedy.en.contains("half-width colon"),
        "{}",
        mistakes[6]
    );
    assert!(mistakes[7].remedy.en.contains("closing"), "{}", mistakes[7]);
}

#[test]
fn values_of_every_kind_are_read() {
    let text = "a: x\nb: yes\nc: -12\nd: [x, y]\ne: x\nf: { zh: 甲, en: A }\ng: closing\nh: { k: 0037 }\n";
    let (_, mistakes) = read(text, |r| {
        assert_eq!(
            (r.need_text("a"), r.flag("b", false), r.need_whole("c")),
            (Some("x"), true, Some(-12))
        );
        assert_eq!(
            (r.texts("d"), r.texts("e"), r.texts("absent")),
            (vec!["x", "y"], vec!["x"], vec![])
        );
        assert_eq!(r.need_said("f"), Some(Said::new("甲", "A")));
        assert_eq!(r.choice("g", &[("closing", 1), ("midnight", 2)]), Some(1));
        assert_eq!(r.entries("h")[0].1.as_text(), Some("0037"));
        assert!(r.flag("absent", true) && r.has("a") && !r.has("absent"));
    });
    assert_eq!(mistakes, []);
}

#[test]
fn a_label_needs_both_languages_and_nothing_else() {
    for (text, code) in [
        ("t: { zh: 甲 }\n", "label.language"),
        ("t: { zh: 甲, en: '' }\n", "label.language"),
        ("t: { zh: 甲, en: A, eng: B }\n", "key.unknown"),
        ("t: 甲\n", "kind.wrong"),
    ] {
        let (_, mistakes) = read(text, |r| r.need_said("t"));
        assert_eq!(
            mistakes.iter().map(|m| m.code).collect::<Vec<_>>(),
            [code],
            "{text}"
        );
    }
}
