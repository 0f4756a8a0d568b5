use super::parse;
use crate::source::{Kind, Mistake, Mistakes, Node};

fn read(text: &str) -> (Option<Node>, Vec<Mistake>) {
    let mistakes = Mistakes::new();
    let node = parse("a.yaml", text, &mistakes);
    (node, mistakes.into_sorted())
}

fn good(text: &str) -> Node {
    let (node, mistakes) = read(text);
    assert_eq!(mistakes, vec![], "{text}");
    node.unwrap()
}

#[test]
fn scalars_stay_what_they_are() {
    let node = good("a: 4.10\nb: 11:00\nc: no\nd: 0037\ne: ~\nf: 1e3\ng: 2026-12-01\nh: \"\"\ni:\nj: null\n");
    for (key, text) in [
        ("a", "4.10"),
        ("b", "11:00"),
        ("c", "no"),
        ("d", "0037"),
        ("e", "~"),
        ("f", "1e3"),
        ("g", "2026-12-01"),
    ] {
        assert_eq!(node.get(key).unwrap().as_text(), Some(text));
    }
    assert_eq!(node.get("h").unwrap().as_text(), Some(""));
    assert_eq!(node.get("i").unwrap().kind, Kind::Empty);
    assert_eq!(node.get("j").unwrap().as_text(), Some("null"));
}

#[test]
fn every_trap_is_refused_at_its_place() {
    for (text, code, line, column) in [
        ("a: 1\na: 2\n", "yaml.duplicate_key", 2, 1),
        ("a: 1\nb:\n\tc: 2\n", "yaml.tab", 3, 1),
        ("a: 1\t# x\n", "yaml.tab", 1, 5),
        ("a: &x 1\n", "yaml.anchor", 1, 4),
        ("a: &x 1\nb: *x\n", "yaml.anchor", 1, 4),
        ("a: *x\n", "yaml.anchor", 1, 4),
        ("a: !!str 1\n", "yaml.tag", 1, 4),
        ("a: !x 1\n", "yaml.tag", 1, 4),
        ("<<: { a: 1 }\n", "yaml.merge", 1, 1),
        ("a: 1\n---\nb: 2\n", "yaml.documents", 2, 1),
        ("title：投诉\n", "yaml.full_width", 1, 6),
        ("a: 1\ntitle：投诉\nb: 2\n", "yaml.full_width", 2, 6),
        ("“4.1.2”: x\n", "yaml.full_width", 1, 1),
        ("标题（一）: x\n", "yaml.full_width", 1, 3),
        ("from: [agent，duty_lead]\n", "yaml.full_width", 1, 13),
        ("title: ｛ zh: 甲, en: A ｝\n", "yaml.full_width", 1, 8),
        ("title: { zh: 甲，en: A }\n", "yaml.full_width", 1, 15),
        ("title: [a, b］\nc: d\n", "yaml.full_width", 1, 13),
        ("say: note: this\n", "yaml.syntax", 1, 10),
        ("a: 1\nsomething\nb: 2\n", "yaml.syntax", 2, 1),
        ("a:\n  b:1\n  c: 2\n", "yaml.syntax", 2, 3),
        ("a: \"x\n", "yaml.syntax", 1, 4),
        ("a: \"\\d\"\n", "yaml.syntax", 1, 4),
        ("a: \"x\" y\n", "yaml.syntax", 1, 8),
        ("a: [1, 2\nb: 3\n", "yaml.syntax", 2, 2),
        ("? [a]\n: b\n", "yaml.key", 1, 3),
        ("a: \u{7}\n", "yaml.control", 1, 4),
    ] {
        let (_, mistakes) = read(text);
        let first = mistakes
            .first()
            .unwrap_or_else(|| panic!("nothing found in {text:?}"));
        assert_eq!(
            (first.code, first.place.line, first.place.column),
            (code, line, column),
            "{text:?}: {mistakes:?}"
        );
        assert!(!first.remedy.zh.is_empty() && !first.remedy.en.is_empty());
    }
}

#[test]
fn full_width_punctuation_in_words_is_no_mistake() {
    let node =
        good("say: { zh: 上一方案客户不满意，须另拟方案：请重写, en: OK }\n\"（一）\": x\nzh: “您好”\n");
    assert_eq!(
        node.get("say").unwrap().get("zh").unwrap().as_text(),
        Some("上一方案客户不满意，须另拟方案：请重写")
    );
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_not_shift_places() {
    let node = good("\u{FEFF}a: 1\r\nb: 2\r\n");
    let b = node.get("b").unwrap();
    assert_eq!((b.place.line, b.place.column, b.as_text()), (2, 4, Some("2")));
}

#[test]
fn depth_and_size_are_bounded() {
    for text in ["[".repeat(10_000), "- ".repeat(10_000), "{a: ".repeat(200)] {
        let (node, mistakes) = read(&text);
        assert!(node.is_none() && !mistakes.is_empty());
    }
    let deep = format!("{}x{}", "[".repeat(32), "]".repeat(32));
    good(&deep);
    assert_eq!(read(&format!("[{deep}]")).1[0].code, "yaml.too_deep");
    assert_eq!(read(&"a".repeat((1 << 20) + 1)).1[0].code, "yaml.too_long");
}

/// Places of the characters of the first value of `a`.
fn spots(text: &str) -> Vec<(char, u32, u32)> {
    let node = good(text);
    let value = node.get("a").unwrap().clone();
    let origin = value.origin();
    let place = |(i, c)| {
        let place = origin.at(i);
        (c, place.line, place.column)
    };
    value.as_text().unwrap().chars().enumerate().map(place).collect()
}

#[test]
fn every_character_of_a_scalar_knows_its_place() {
    assert_eq!(spots("客: 1\na: 甲b\n"), vec![('甲', 2, 4), ('b', 2, 5)]);
    assert_eq!(spots("a: 'x''y'\n"), vec![('x', 1, 5), ('\'', 1, 6), ('y', 1, 8)]);
    assert_eq!(
        spots("a: \"x\\u4e00\\\"y\"\n"),
        vec![('x', 1, 5), ('一', 1, 6), ('"', 1, 12), ('y', 1, 14)]
    );
    assert_eq!(spots("a: x\n  y\n"), vec![('x', 1, 4), (' ', 1, 5), ('y', 2, 3)]);
    assert_eq!(
        spots("a: |\n  x\n  y\n"),
        vec![('x', 2, 3), ('\n', 2, 4), ('y', 3, 3), ('\n', 3, 4)]
    );
    assert_eq!(
        spots("a: >-\n  x\n  y\n"),
        vec![('x', 2, 3), (' ', 2, 4), ('y', 3, 3)]
    );
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in r#"(?s)([-:?,\[\]{}#&*!|>'"%@`\n \t]|: |- |\n  |[a-c]|：|，|.){0,60}"#) {
        let (node, mistakes) = read(&text);
        proptest::prop_assert!(node.is_some() || !mistakes.is_empty());
        for mistake in mistakes {
            proptest::prop_assert!(mistake.place.line >= 1 && mistake.place.column >= 1);
        }
    }
}
