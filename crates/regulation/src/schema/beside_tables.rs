//! The tables of the files beside the procedures.

use super::procedure_tables::{ACTION, FIELD, FIGURE};
use super::shape::{Shape, Table, may, must};

use Shape::{
    Book, Clause, Condition, Date, Either, Flag, Limit, List, Map, Name, Number, OneOrMany, Said, Schedule,
    Text, Words,
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
    keys: &[must("rights", Map(&Shape::Table(&ACTION)), "操作", "actions")],
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

/// The pack's own tests.
pub static TESTS: Table = Table {
    name: "tests",
    zh: "规则包的自测",
    en: "The pack's own tests",
    keys: &[must("tests", List(&Shape::Table(&TEST)), "自测", "in order")],
};

/// A test.
pub static TEST: Table = Table {
    name: "test",
    zh: "一项自测",
    en: "A test",
    keys: &[
        must("name", Said, "名称", "what it shows"),
        may("rules", OneOrMany(&Text), "所证明的规则", "the rules it proves"),
        may("given", Shape::Table(&GIVEN), "前提", "what is given"),
        must(
            "steps",
            List(&Shape::Table(&STEP)),
            "步骤",
            "what happens and what is expected",
        ),
    ],
};

/// What a test is given.
pub static GIVEN: Table = Table {
    name: "given",
    zh: "前提",
    en: "What a test is given",
    keys: &[
        may("units", Map(&Shape::Table(&UNIT)), "部门", "units"),
        may(
            "people",
            Map(&Book(&OneOrMany(&Text))),
            "人员：职能与所在部门；certified 为持有的证书",
            "people: function and unit; `certified` lists certificates",
        ),
        may(
            "holidays",
            Book(&Words(&["off", "work"])),
            "另加的休息日与工作日",
            "days off and made up besides the real ones",
        ),
    ],
};

/// A unit of a test.
pub static UNIT: Table = Table {
    name: "unit",
    zh: "部门",
    en: "A unit",
    keys: &[
        may("within", Name, "上级部门", "the unit it lies in"),
        may(
            "calendar",
            Name,
            "所用工作时间",
            "its working time, if not the default",
        ),
    ],
};

/// A step of a test: something happens, or something is expected.
pub static STEP: Table = Table {
    name: "step",
    zh: "步骤",
    en: "A step",
    keys: &[
        may("at", Shape::DayTime, "时间", "when, in the pack's zone"),
        may("open", Name, "受理此流程的事项", "opens a case of this procedure"),
        may("do", Name, "进行操作", "does an action"),
        may("sign", Name, "签批", "signs an approval"),
        may(
            "replace",
            Name,
            "为此审批另指签批人",
            "names another signer of an approval",
        ),
        may("answer", Name, "回答待核", "answers a question"),
        may("wait", Flag, "时间经过", "time passes"),
        may("draw", Name, "抽样", "draws a sample"),
        may("turn", Name, "定期义务到期", "a turn of an obligation begins"),
        may(
            "as",
            Name,
            "给新事项的代称",
            "what the new case is called in this test",
        ),
        may(
            "case",
            Name,
            "对哪个事项，缺省最近一个",
            "which case; the newest unless said",
        ),
        may("by", Name, "由谁；缺省系统", "by whom; the engine unless said"),
        may("with", Book(&Shape::Any), "填写的内容", "what is typed"),
        may("channel", Text, "来访渠道", "the channel"),
        may(
            "received",
            Shape::DayTime,
            "客户到访时间",
            "when the contact reached us",
        ),
        may("customer", Name, "客户", "the customer"),
        may("unit", Name, "责任部门", "the responsible unit"),
        may("agree", Flag, "同意与否", "agrees or objects"),
        may("signer", Name, "改由谁签批", "who signs instead"),
        may("yes", Flag, "是或否", "yes or no"),
        may("reason", Text, "理由", "why"),
        may(
            "refused",
            Text,
            "应被拒绝：条款，或 forbidden、input、not here、unapproved、taken、settled、unknown",
            "must be refused: a clause, or forbidden, input, not here, unapproved, taken, settled, unknown",
        ),
        may("expect", Shape::Table(&EXPECT), "应为", "what must hold now"),
    ],
};

/// What must hold.
pub static EXPECT: Table = Table {
    name: "expect",
    zh: "应为",
    en: "What must hold",
    keys: &[
        may("stage", Name, "环节", "the stage"),
        may("ended", Flag, "是否已办结", "whether it has ended"),
        may("void", Flag, "是否作废", "whether it is void"),
        may("round", Number, "轮次", "the round"),
        may("number", Text, "编号", "its number"),
        may("handler", Name, "经办人", "the handler"),
        may(
            "first_contact_owner",
            Name,
            "首问责任人",
            "the first-contact owner",
        ),
        may("unit", Name, "责任部门", "the responsible unit"),
        may(
            "clocks",
            Book(&Text),
            "各时限的状态，如 running until 2026-11-19 12:05",
            "states of clocks, such as `running until 2026-11-19 12:05`",
        ),
        may(
            "earlier",
            Book(&Text),
            "上一个同名时限的状态",
            "the state of the clock of that name before the newest",
        ),
        may(
            "told",
            OneOrMany(&Text),
            "最近一步告知了谁",
            "who was told by the last step",
        ),
        may(
            "not_told",
            OneOrMany(&Text),
            "最近一步未告知谁",
            "who was not told by the last step",
        ),
        may(
            "questions",
            Either(&[Text, List(&Name)]),
            "未回答的待核；none 为没有",
            "questions not yet answered; `none`",
        ),
        may(
            "approvals",
            Book(&Words(&["asked", "granted", "refused"])),
            "审批状态",
            "where approvals stand",
        ),
        may(
            "fields",
            Book(&Shape::Any),
            "字段的值；missing 为无",
            "values of fields; `missing` for none",
        ),
        may(
            "open_subcases",
            Number,
            "未办结的子事项数",
            "how many sub-cases are open",
        ),
        may(
            "subcases",
            Book(&Number),
            "各流程子事项数",
            "how many sub-cases by procedure",
        ),
        may(
            "refusals",
            Book(&Number),
            "按条款计的拒绝次数",
            "how often each clause refused",
        ),
        may(
            "can",
            OneOrMany(&Name),
            "可进行的操作",
            "actions that are open to `by`",
        ),
        may(
            "cannot",
            OneOrMany(&Name),
            "不可进行的操作",
            "actions that are not open to `by`",
        ),
        may("retained_until", Date, "保存至", "kept until"),
        may("drawn", Number, "抽中数", "how many were drawn"),
    ],
};
