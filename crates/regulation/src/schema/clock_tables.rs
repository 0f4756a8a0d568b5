//! The tables of a procedure's deadlines, facts, questions, draws and figures.

use super::procedure_tables::OPENING;
use super::shape::{Shape, Table, may, must};

use Shape::{
    Clause, Clock, Condition, Either, Flag, Limit, List, Map, Name, Number, OneOrMany, Percent, Said, Text,
    Trigger, Words,
};

const WHO: Shape = OneOrMany(&Shape::Who);

/// A deadline.
pub static DEADLINE: Table = Table {
    name: "deadline",
    zh: "时限",
    en: "A deadline",
    keys: &[
        must("title", Said, "名称", "as people say it"),
        must("clause", Clause, "所依条款", "the clause it carries"),
        must("from", Trigger, "起算", "what starts it"),
        may(
            "within",
            Either(&[Limit, OneOrMany(&Shape::Table(&LIMIT_CHOICE))]),
            "期限，或按条件取首个",
            "how long; or alternatives, the first that holds",
        ),
        may(
            "at",
            Text,
            "以事项的时间字段为期限",
            "a time field of the case instead of a length",
        ),
        must("until", OneOrMany(&Trigger), "止", "what ends it"),
        may(
            "each",
            Words(&["round"]),
            "每轮各计",
            "a clock of its own in each round",
        ),
        may(
            "only",
            Condition,
            "仅在此条件下适用",
            "applies only when this holds",
        ),
        may(
            "ends_at",
            Words(&["closing", "midnight"]),
            "按日计算的期限止于下班或零点",
            "where its days end",
        ),
        may(
            "on_holiday",
            Words(&["stay", "next workday"]),
            "末日逢休息日",
            "what becomes of a last day on a holiday",
        ),
        may(
            "tightened_by",
            OneOrMany(&Name),
            "更早则收紧期限的时间字段",
            "time fields that tighten it when earlier",
        ),
        may(
            "replaced_by",
            Name,
            "取代期限的时间字段",
            "a time field that replaces it when given",
        ),
        may(
            "pauses",
            Shape::Table(&PAUSES),
            "可暂停的情形",
            "what stops it for a while",
        ),
        may("moves", Shape::Table(&MOVES), "改约", "how its time may be moved"),
        may(
            "before",
            OneOrMany(&Shape::Table(&BEFORE)),
            "到期前提醒",
            "reminders before the due time",
        ),
        may(
            "late",
            OneOrMany(&Shape::Table(&LATE)),
            "逾期后各级",
            "levels after the due time",
        ),
        may(
            "repeat",
            Shape::Table(&REPEAT),
            "逾期后定时提醒",
            "reminders at set hours once overdue",
        ),
        may(
            "urged_reminder",
            Percent,
            "催办后，剩余时间过此比例时再提醒经办人",
            "after urging, the handler is reminded at this share of the time left",
        ),
    ],
};

/// An alternative of a limit.
pub static LIMIT_CHOICE: Table = Table {
    name: "limit_choice",
    zh: "期限之一",
    en: "One alternative of a limit",
    keys: &[
        must("limit", Limit, "期限", "how long, or until when"),
        may("when", Condition, "条件", "when it applies"),
    ],
};

/// Pauses of a deadline.
pub static PAUSES: Table = Table {
    name: "pauses",
    zh: "暂停",
    en: "Pauses of a deadline",
    keys: &[
        must("reasons", Map(&Said), "允许的原因", "the reasons that stop it"),
        may("at_most", Limit, "累计最长", "longest in all"),
    ],
};

/// Moves of an agreed time.
pub static MOVES: Table = Table {
    name: "moves",
    zh: "改约",
    en: "Moves of an agreed time",
    keys: &[
        may(
            "consent",
            Name,
            "记录客户同意的字段",
            "the field that records the customer's consent",
        ),
        may("at_most", Number, "最多几次", "how often"),
    ],
};

/// A reminder before the due time.
pub static BEFORE: Table = Table {
    name: "before",
    zh: "到期前提醒",
    en: "A reminder before the due time",
    keys: &[
        must("at", Percent, "期限过此比例时", "at this share of the limit"),
        must("tell", WHO, "告知谁", "who is told"),
    ],
};

/// A level after the due time.
pub static LATE: Table = Table {
    name: "late",
    zh: "逾期级别",
    en: "A level after the due time",
    keys: &[
        may(
            "after",
            Limit,
            "逾期后多久，缺省立即",
            "how long after the due time; at once unless said",
        ),
        may("tell", WHO, "告知谁", "who is told"),
        may(
            "answers",
            Name,
            "由谁承担延误责任（提出待核，不作自动处罚）",
            "who answers for the delay: a question, never a penalty",
        ),
        may(
            "do",
            Name,
            "系统自动进行的操作",
            "an action that the engine does by itself",
        ),
    ],
};

/// Reminders at set hours.
pub static REPEAT: Table = Table {
    name: "repeat",
    zh: "定时提醒",
    en: "Reminders at set hours",
    keys: &[
        must("at", OneOrMany(&Clock), "时刻", "times of day"),
        must("tell", WHO, "告知谁", "who is told"),
        may("workdays_only", Flag, "仅工作日", "only on workdays"),
    ],
};

/// A fact.
pub static FACT: Table = Table {
    name: "fact",
    zh: "事实",
    en: "A fact",
    keys: &[
        must("title", Said, "名称", "as people say it"),
        may(
            "count",
            Name,
            "计数：此流程的事项",
            "how many cases of this procedure",
        ),
        may("customers", Name, "计不同客户数", "how many different customers"),
        may("exists", Name, "是否存在", "whether there is any"),
        may("latest", Name, "最近一次的时间", "the newest one's time"),
        may("sum", Name, "合计", "the sum of `field`"),
        may("field", Name, "合计的字段", "the number field that is summed"),
        may(
            "same",
            Either(&[List(&Name), Map(&Condition)]),
            "相同的字段",
            "alike in these fields",
        ),
        may(
            "within",
            Either(&[Words(&["ever", "this month", "today"]), Limit]),
            "时间范围",
            "over which time; ever unless said",
        ),
        may(
            "among",
            Words(&["all", "open", "ended"]),
            "哪些事项，缺省 all",
            "which cases; all unless said",
        ),
        may("itself", Flag, "是否包括本事项", "whether the case itself counts"),
        may("guarding", Flag, "提交时再次核对", "compared again at commit"),
    ],
};

/// A question.
pub static QUESTION: Table = Table {
    name: "question",
    zh: "待核",
    en: "A question",
    keys: &[
        must("title", Said, "问题", "what is asked"),
        must("clause", Clause, "所依条款", "the clause behind it"),
        must("ask", WHO, "由谁回答", "who answers"),
        may(
            "only",
            Condition,
            "仅在此条件下提出",
            "raised only while this holds",
        ),
        must(
            "raised_when",
            OneOrMany(&Either(&[Condition, Shape::Table(&CAUSE)])),
            "提出的原因",
            "its causes",
        ),
        may("yes", Map(&Condition), "答是时写入", "fields written on yes"),
        may("no", Map(&Condition), "答否时写入", "fields written on no"),
        may(
            "links",
            Shape::Table(&LINKS),
            "答是时把这些事项归入一个合并事项",
            "on yes, cases that are linked under one joint case",
        ),
    ],
};

/// Cases linked under a joint case.
pub static LINKS: Table = Table {
    name: "links",
    zh: "归入一个合并事项",
    en: "Cases linked under one joint case",
    keys: &[
        must(
            "fact",
            Name,
            "找出其他事项的事实",
            "the fact that finds the other cases",
        ),
        must(
            "procedure",
            Name,
            "合并事项的流程",
            "the procedure of the joint case",
        ),
        may(
            "gates",
            Flag,
            "各件未办结前合并事项不得办结",
            "the joint case cannot end before them",
        ),
        may("fields", Map(&Text), "合并事项的字段", "fields of the joint case"),
    ],
};

/// A cause that time brings, or that other customers bring.
pub static CAUSE: Table = Table {
    name: "cause",
    zh: "时间或他人引起",
    en: "A cause that time or others bring",
    keys: &[
        may(
            "after",
            Limit,
            "受理后多久仍未办结",
            "this long after the contact reached us",
        ),
        may(
            "alike",
            Shape::Table(&ALIKE),
            "多少客户同时反映相似的事项",
            "so many customers say alike things at the same time",
        ),
    ],
};

/// Likeness as a cause.
pub static ALIKE: Table = Table {
    name: "alike",
    zh: "相似事项",
    en: "Alike matters",
    keys: &[
        must("customers", Number, "至少多少客户", "how many customers at least"),
        must("within", Limit, "相距多久之内", "how far apart at most"),
        may(
            "same",
            OneOrMany(&Name),
            "还须相同的字段",
            "fields that must be equal too",
        ),
    ],
};

/// A uniqueness.
pub static UNIQUE: Table = Table {
    name: "unique",
    zh: "只能一次",
    en: "What may happen only once",
    keys: &[
        must("clause", Clause, "所依条款", "the clause behind it"),
        must(
            "on",
            Name,
            "在此操作时占用；opening 为受理时",
            "claimed by this action, or at `opening`",
        ),
        must("fields", OneOrMany(&Name), "构成唯一的字段", "the fields joined"),
        must("say", Said, "已被占用时的说明", "what is said when it is taken"),
    ],
};

/// A sample.
pub static SAMPLE: Table = Table {
    name: "sample",
    zh: "抽样",
    en: "A sample",
    keys: &[
        must("title", Said, "名称", "as people say it"),
        must("clause", Clause, "所依条款", "the clause behind it"),
        must(
            "of",
            Condition,
            "总体：已办结事项中符合者",
            "the population, over ended cases",
        ),
        must("at_least", Percent, "最低比例", "least share"),
        must(
            "opens",
            Either(&[Name, Shape::Table(&OPENING)]),
            "每个抽中者开立",
            "each one drawn opens a case",
        ),
        must(
            "within",
            Limit,
            "自被抽事项办结起",
            "from the end of the sampled case",
        ),
        may(
            "ends_at",
            Words(&["closing", "midnight"]),
            "按日计算的期限止于下班或零点",
            "where its days end",
        ),
        may(
            "on_holiday",
            Words(&["stay", "next workday"]),
            "末日逢休息日",
            "what becomes of a last day on a holiday",
        ),
    ],
};

/// A figure.
pub static FIGURE: Table = Table {
    name: "figure",
    zh: "指标",
    en: "A figure",
    keys: &[
        must("title", Said, "名称", "as people say it"),
        must("clause", Clause, "所依条款", "the clause it proves"),
        may("procedures", List(&Name), "统计的流程", "the procedures counted"),
        may(
            "count",
            Words(&["cases", "rounds"]),
            "按事项或轮次，缺省 cases",
            "cases unless said",
        ),
        must("part", Condition, "分子", "which of them count as achieved"),
        must("of", Condition, "分母", "which are counted at all"),
        may("target", Percent, "目标", "the goal"),
    ],
};
