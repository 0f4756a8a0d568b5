//! The tables of messages and of whom an act tells.

use super::shape::{Shape, Table, may, must};

use Shape::{Clause, Condition, Either, Map, Name, Number, OneOrMany, Said, Text, Words};

/// A telling.
pub static TELLING: Table = Table {
    name: "telling",
    zh: "告知",
    en: "A telling",
    keys: &[
        must(
            "who",
            OneOrMany(&Shape::Who),
            "告知谁；customer 为客户",
            "who is told; `customer` for the customer",
        ),
        may("say", Said, "内容", "what"),
        may(
            "message",
            Name,
            "消息代号（代替 say）",
            "a message instead of `say`",
        ),
        may("when", Condition, "仅在此条件下告知", "told only when this holds"),
        may(
            "channel",
            Words(&["sms", "mail"]),
            "以短信或邮件通知客户；缺省用能送达的一种",
            "how the customer is told; whichever reaches him unless said",
        ),
        may(
            "to",
            Name,
            "存有客户电话或地址的字段，先于客户资料",
            "the field with the customer's number or address, used before his own record",
        ),
    ],
};

/// A message.
pub static MESSAGE: Table = Table {
    name: "message",
    zh: "一条消息：限长的文字，过长时按次序压缩",
    en: "A message: a text with a length limit and an order in which its parts yield",
    keys: &[
        must("message", Name, "消息代号", "the message's key"),
        must("title", Said, "名称", "as people say it"),
        must("clause", Clause, "所依条款", "the clause behind it"),
        may(
            "longest",
            Either(&[Number, Shape::Table(&LONGEST_OF)]),
            "最多字数",
            "most characters",
        ),
        must(
            "text",
            Said,
            "文字，{名称} 处填入各项",
            "the text, with {name} where a part goes",
        ),
        may(
            "parts",
            Map(&Shape::Table(&MESSAGE_PART)),
            "各项内容",
            "what the placeholders stand for",
        ),
    ],
};

/// A limit for each language.
pub static LONGEST_OF: Table = Table {
    name: "longest_of",
    zh: "两种文字各自的最多字数",
    en: "Most characters in each language",
    keys: &[
        must("zh", Number, "中文", "in Chinese"),
        must("en", Number, "英文", "in English"),
    ],
};

/// A part of a message.
pub static MESSAGE_PART: Table = Table {
    name: "message_part",
    zh: "消息中的一项",
    en: "A part of a message",
    keys: &[
        must("value", Text, "取值", "its value, an expression"),
        may(
            "say",
            Said,
            "前后的文字，{value} 处填入内容，随此项一同省去",
            "the words around it with {value} in their midst; they go where it goes",
        ),
        may(
            "yields",
            Number,
            "过长时第几个让出，缺省不让",
            "its turn when the message is too long; never unless said",
        ),
        may(
            "shorten_to",
            Number,
            "截短到不少于几字，缺省整个省去",
            "shortened to no fewer characters; left out whole unless said",
        ),
    ],
};
