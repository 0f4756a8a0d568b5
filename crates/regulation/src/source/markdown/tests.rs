use super::{Block, parse_regulation};
use crate::source::Mistakes;

const TEXT: &str = "---
language: 1
pack: property
version: 2026.2
---
# 第四章 投诉处理

Some words
over two lines.

## 4.1 受理与定性
- **4.1.1** 接诉人应先致歉，
  完整填写《受理单》。
- **4.1.2** {#classes} 投诉分为三类：

  - 责任投诉
  - 无责任投诉
- **4.1.2** {#again} The number
  repeats.
- **注意** 这不是条款
* **第十二条** 自接诉起十分钟内启动处理。
";

#[test]
fn a_regulation_is_read_with_its_places() {
    let mistakes = Mistakes::new();
    let text = parse_regulation("regulation.md", TEXT, &mistakes);
    assert_eq!(mistakes.into_sorted(), vec![]);
    assert_eq!(text.front.get("version").unwrap().as_text(), Some("2026.2"));
    assert_eq!(text.front.get("version").unwrap().place.line, 4);
    let clauses: Vec<(&str, &str, &str, u32)> =
        text.clauses().map(|(i, n, t, p)| (i, n, t, p.line)).collect();
    assert_eq!(
        clauses,
        vec![
            ("4.1.1", "4.1.1", "接诉人应先致歉，完整填写《受理单》。", 12),
            ("classes", "4.1.2", "投诉分为三类：\n- 责任投诉\n- 无责任投诉", 14),
            ("again", "4.1.2", "The number repeats.", 18),
            ("第十二条", "第十二条", "自接诉起十分钟内启动处理。", 21),
        ]
    );
    let Block::Heading {
        level: 1,
        number,
        text: title,
        ..
    } = &text.blocks[0]
    else {
        panic!("{:?}", text.blocks[0])
    };
    assert_eq!((number.as_deref(), &**title), (Some("第四章"), "投诉处理"));
    let Block::Paragraph { text: words, place } = &text.blocks[1] else {
        panic!("{:?}", text.blocks[1])
    };
    assert_eq!((&**words, place.line), ("Some words\nover two lines.", 8));
    assert!(
        text.blocks
            .iter()
            .any(|b| matches!(b, Block::Paragraph { text, .. } if text == "- **注意** 这不是条款"))
    );
}

#[test]
fn d15_ids_are_unique_and_clauses_say_something() {
    let mistakes = Mistakes::new();
    parse_regulation(
        "r.md",
        "---\npack: x\n---\n- **1** a\n- **1** b\n- **2**\n- **3** {#不} c\n",
        &mistakes,
    );
    let found: Vec<(&str, u32)> = mistakes
        .into_sorted()
        .iter()
        .map(|m| (m.code, m.place.line))
        .collect();
    assert_eq!(
        found,
        vec![("clause.duplicate", 5), ("clause.empty", 6), ("clause.id", 7)]
    );
}

#[test]
fn front_matter_must_be_there_and_closed() {
    for text in ["# 一\n", "", "---\npack: x\n"] {
        let mistakes = Mistakes::new();
        parse_regulation("r.md", text, &mistakes);
        assert_eq!(
            mistakes.into_sorted()[0].code,
            "regulation.front_matter",
            "{text:?}"
        );
    }
    let mistakes = Mistakes::new();
    parse_regulation("r.md", "---\npack：x\n---\n", &mistakes);
    assert_eq!(mistakes.into_sorted()[0].place.line, 2);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in r"(?s)(---\npack: x\n---\n)?([-*# \n]|\*\*|\{#|\}|[0-9.]|第|条|.){0,80}") {
        parse_regulation("r.md", &text, &Mistakes::new());
    }
}
