//! The tables of the files beside the procedures.

use super::clock_tables::FIGURE;
use super::procedure_tables::{ACTION, FIELD};
use super::shape::{Shape, Table, may, must};

use Shape::{
    Book, Clause, Condition, Date, Flag, Limit, List, Map, Name, Number, OneOrMany, Said, Schedule, Text,
    Words,
};

/// The front matter of `regulation.md`.
pub static FRONT: Table = Table {
    name: "front",
    zh: "规定的文件头",
    en: "The front matter of regulation.md",
    keys: &[
        must(
            "language",
            Number,
            "规则语言的版本",
            "version of the pack language",
        ),
        must("pack", Name, "规则包代号", "names the pack everywhere"),
        must("title", Said, "名称", "as printed"),
        must("version", Text, "版本", "the version's name"),
        may("effective", Date, "生效日期", "first day in force"),
        may("owner", Said, "制定部门", "who makes, revises and abolishes it"),
        may(
            "uses",
            List(&Name),
            "引用的其他规则包",
            "other packs that it uses",
        ),
        may(
            "readers",
            OneOrMany(&Shape::Who),
            "谁可查阅条款履行报告",
            "who may read its clause report",
        ),
    ],
};

/// One form.
pub static FORM: Table = Table {
    name: "form",
    zh: "一份表单",
    en: "A form of the regulation",
    keys: &[
        must("form", Name, "表单代号", "the form's key"),
        must("title", Said, "名称", "as printed"),
        may("number", Text, "表单编号", "its number in the annex"),
        may("clause", Clause, "所依条款", "the clause that asks for it"),
        may("copies", List(&Said), "各联", "copies and who gets them"),
        must(
            "fields",
            Map(&Shape::Table(&FIELD)),
            "字段，按纸质表单顺序",
            "fields in the order of the paper",
        ),
    ],
};

/// Functions.
pub static FUNCTIONS: Table = Table {
    name: "functions",
    zh: "职能",
    en: "Functions",
    keys: &[must(
        "functions",
        Map(&Shape::Table(&FUNCTION)),
        "职能",
        "what the pack names as doers",
    )],
};

/// A function.
pub static FUNCTION: Table = Table {
    name: "function",
    zh: "职能",
    en: "A function",
    keys: &[
        must("title", Said, "名称", "as people say it"),
        may("ladder", Name, "所属职级序列", "its ladder"),
        may("rank", Number, "职级，高者可代低者", "its place on the ladder"),
        may(
            "reads_only",
            Flag,
            "只看不办：只担任此职能的人不算“任何员工”",
            "who holds this alone looks on: `anyone` does not mean them",
        ),
    ],
};

/// The calendar.
pub static CALENDAR: Table = Table {
    name: "calendar",
    zh: "工作时间",
    en: "Working time",
    keys: &[
        may(
            "calendar",
            Name,
            "名称，缺省 default",
            "its name; `default` unless said",
        ),
        may(
            "zone",
            Text,
            "时区，缺省 Asia/Shanghai",
            "IANA zone; Asia/Shanghai unless said",
        ),
        may(
            "public_holidays",
            Words(&["CN", "none"]),
            "法定节假日及调休",
            "public holidays with make-up workdays",
        ),
        may(
            "day_ends",
            Words(&["closing", "midnight"]),
            "按日计算的期限止于下班或零点",
            "where a limit in days ends",
        ),
        may(
            "on_holiday",
            Words(&["stay", "next workday"]),
            "末日逢休息日",
            "what becomes of a last day on a holiday",
        ),
        may("hours", Book(&Text), "营业时间", "opening hours by weekday"),
        may(
            "workdays",
            OneOrMany(&Text),
            "周一至周五以外的工作日",
            "weekdays that count besides Monday to Friday",
        ),
    ],
};

/// Obligations, and clauses kept by people.
pub static OBLIGATIONS: Table = Table {
    name: "obligations",
    zh: "定期义务",
    en: "Recurring duties",
    keys: &[
        must(
            "obligations",
            Map(&Shape::Table(&OBLIGATION)),
            "定期义务",
            "recurring duties",
        ),
        may(
            "kept_by_people",
            List(&Shape::Table(&KEPT_BY_PEOPLE)),
            "由人遵守的条款",
            "clauses kept by people",
        ),
    ],
};

/// A recurring duty.
pub static OBLIGATION: Table = Table {
    name: "obligation",
    zh: "定期义务",
    en: "A recurring duty",
    keys: &[
        must("title", Said, "名称", "as people say it"),
        must("clause", Clause, "所依条款", "the clause it carries"),
        must("function", Name, "由何职能承担", "whose duty"),
        must("every", Schedule, "周期", "how often"),
        must("due", Limit, "期限", "when each turn must be done"),
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
            "or_when",
            Condition,
            "或在此条件成立时立即",
            "or at once when this holds",
        ),
        must(
            "procedure",
            Name,
            "每期执行的流程",
            "the procedure that each turn runs",
        ),
    ],
};

/// A clause kept by people.
pub static KEPT_BY_PEOPLE: Table = Table {
    name: "kept_by_people",
    zh: "由人遵守的条款",
    en: "A clause kept by people",
    keys: &[
        must("clause", Clause, "条款", "the clause"),
        may(
            "inspection",
            Name,
            "检查用的表单",
            "the form it is inspected with",
        ),
    ],
};

/// Rights open on every case.
pub static RIGHTS: Table = Table {
    name: "rights",
    zh: "各事项均可进行的操作",
    en: "Actions open on every case",
    keys: &[
        must("rights", Map(&Shape::Table(&ACTION)), "操作", "actions"),
        may(
            "back_dating",
            Shape::Table(&BACK_DATING),
            "谁可补录来访时间",
            "who may say that a contact reached us earlier",
        ),
    ],
};

/// Back-dating.
pub static BACK_DATING: Table = Table {
    name: "back_dating",
    zh: "补录来访时间",
    en: "Back-dating",
    keys: &[
        must("clause", Clause, "所依条款", "the clause"),
        must("by", OneOrMany(&Shape::Who), "谁可以", "who may"),
    ],
};

/// Titles of clauses.
pub static CLAUSES: Table = Table {
    name: "clauses",
    zh: "条款标题",
    en: "Titles of clauses",
    keys: &[
        must(
            "clauses",
            Book(&Shape::Table(&CLAUSE_TITLE)),
            "条款",
            "by clause id",
        ),
        may(
            "kept_by_people",
            List(&Shape::Table(&KEPT_BY_PEOPLE)),
            "由人遵守的条款",
            "clauses kept by people",
        ),
    ],
};

/// The title of a clause.
pub static CLAUSE_TITLE: Table = Table {
    name: "clause_title",
    zh: "条款标题",
    en: "The title of a clause",
    keys: &[
        may("title", Said, "短标题", "a short title for tables"),
        may(
            "rules",
            OneOrMany(&Text),
            "所落实的规则",
            "the catalogue rules it carries",
        ),
    ],
};

/// Clauses kept by people, alone in a file.
pub static KEPT: Table = Table {
    name: "kept",
    zh: "由人遵守的条款",
    en: "Clauses kept by people",
    keys: &[must(
        "kept_by_people",
        List(&Shape::Table(&KEPT_BY_PEOPLE)),
        "由人遵守的条款",
        "clauses kept by people",
    )],
};

/// Phrases.
pub static PHRASES: Table = Table {
    name: "phrases",
    zh: "用语",
    en: "Phrases",
    keys: &[must(
        "phrases",
        Map(&Shape::Table(&PHRASE_GROUP)),
        "用语",
        "by situation",
    )],
};

/// Phrases for one situation.
pub static PHRASE_GROUP: Table = Table {
    name: "phrase_group",
    zh: "一类用语",
    en: "Phrases for one situation",
    keys: &[
        must("title", Said, "名称", "as people say it"),
        may("forbidden", Flag, "是否禁用", "whether these must not be said"),
        may("clause", Clause, "所依条款", "the clause behind it"),
        must("phrases", List(&Said), "用语", "the phrases"),
    ],
};

/// Parts of a controlled document.
pub static DOCUMENT: Table = Table {
    name: "document",
    zh: "受控文件的其余部分",
    en: "Parts of a controlled document",
    keys: &[must(
        "document",
        Shape::Table(&DOCUMENT_PARTS),
        "受控文件",
        "its parts that are not clauses or stages",
    )],
};

/// The parts.
pub static DOCUMENT_PARTS: Table = Table {
    name: "document_parts",
    zh: "受控文件的其余部分",
    en: "Parts of a controlled document",
    keys: &[
        may("purpose", Said, "目的", "why it exists"),
        may("scope", Said, "适用范围", "what it covers"),
        may("duties", List(&Said), "职责", "duties, one line each"),
        may("definitions", List(&Said), "定义", "terms and what they mean"),
        may("related", List(&Said), "相关文件", "other documents it refers to"),
        may("records", List(&Said), "记录", "records that it produces"),
        may(
            "annexes",
            Book(&Said),
            "附件：表单编号与名称",
            "annexes: form number and title",
        ),
    ],
};

/// Figures over several procedures.
pub static FIGURES: Table = Table {
    name: "figures",
    zh: "指标",
    en: "Figures over several procedures",
    keys: &[must("figures", Map(&Shape::Table(&FIGURE)), "指标", "by key")],
};
