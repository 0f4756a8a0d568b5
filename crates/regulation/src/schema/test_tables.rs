//! The tables of a pack's own tests.

use super::shape::{Shape, Table, may, must};

use Shape::{Book, Date, Either, Flag, List, Map, Name, Number, OneOrMany, Said, Text, Words};

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
            "messages",
            Book(&Text),
            "最近一步发出的消息的中文内容；none 为没有",
            "the Chinese text of messages told by the last step; `none`",
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
