//! The tables of a procedure's file.

use super::clock_tables::{DEADLINE, FACT, FIGURE, QUESTION, SAMPLE, UNIQUE};
use super::message_tables::TELLING;
use super::shape::{Shape, Table, may, must};

use Shape::{Clause, Condition, Either, Flag, Limit, List, Map, Name, Number, OneOrMany, Said, Text, Words};

const WHO: Shape = OneOrMany(&Shape::Who);

/// One procedure.
pub static PROCEDURE: Table = Table {
    name: "procedure",
    zh: "一个流程：一类事项按规定怎样走完",
    en: "A procedure: the written way one kind of case runs",
    keys: &[
        must("procedure", Name, "流程代号", "the procedure's key"),
        must("title", Said, "名称", "as people say it"),
        must(
            "number",
            Text,
            "编号格式，如 TS{date}-{n:4}",
            "how cases are numbered, such as TS{date}-{n:4}",
        ),
        may(
            "intake",
            Shape::Table(&INTAKE),
            "受理时填写的表单",
            "the form filled at opening",
        ),
        may(
            "ask",
            Map(&Shape::Table(&FIELD)),
            "受理时填写的字段（不另设表单时）",
            "fields asked at opening when there is no form",
        ),
        may(
            "fields",
            Map(&Shape::Table(&FIELD)),
            "无人填写、由操作或开立者写入的字段",
            "fields nobody is asked for: written by an action, or by whoever opens the case",
        ),
        may(
            "subject",
            Name,
            "列表中代表事项的字段，缺省 subject",
            "the field that names the case in lists; `subject` unless said",
        ),
        may(
            "opened_by",
            WHO,
            "谁可人工受理；缺省任何人；engine 表示仅由系统或其他事项开立",
            "who opens one by hand; anyone unless said; `engine`: only the engine or another case",
        ),
        may(
            "customer",
            Flag,
            "是否面向客户，缺省 yes",
            "whether a customer stands behind it; yes unless said",
        ),
        may("document", Name, "打印用的表单", "the printed form"),
        may(
            "retain",
            Limit,
            "办结后保存期限",
            "how long it is kept after its end",
        ),
        must(
            "stages",
            Map(&Shape::Table(&STAGE)),
            "环节，首个为起点",
            "stages; the first is where a case begins",
        ),
        must("actions", Map(&Shape::Table(&ACTION)), "操作", "actions"),
        may("approvals", Map(&Shape::Table(&APPROVAL)), "审批", "approvals"),
        may("deadlines", Map(&Shape::Table(&DEADLINE)), "时限", "deadlines"),
        may(
            "facts",
            Map(&Shape::Table(&FACT)),
            "事实：对其他记录的查询",
            "facts: named questions about other records",
        ),
        may(
            "questions",
            Map(&Shape::Table(&QUESTION)),
            "待核：系统提出、由人回答",
            "questions raised by the engine, answered by a person",
        ),
        may(
            "unique",
            Map(&Shape::Table(&UNIQUE)),
            "只能发生一次的事",
            "what may happen only once",
        ),
        may("samples", Map(&Shape::Table(&SAMPLE)), "抽样", "samples"),
        may("figures", Map(&Shape::Table(&FIGURE)), "指标", "figures"),
    ],
};

/// The intake of a procedure.
pub static INTAKE: Table = Table {
    name: "intake",
    zh: "受理表单",
    en: "The intake form",
    keys: &[
        must("form", Name, "表单代号", "the form's key"),
        may("clause", Clause, "所依条款", "the clause that asks for it"),
    ],
};

/// A stage.
pub static STAGE: Table = Table {
    name: "stage",
    zh: "环节",
    en: "A stage",
    keys: &[
        must("zh", Text, "中文名称", "Chinese title"),
        must("en", Text, "英文名称", "English title"),
        may("end", Flag, "是否为终点", "whether a case ends here"),
    ],
};

/// A field of a form or an action.
pub static FIELD: Table = Table {
    name: "field",
    zh: "字段",
    en: "A field",
    keys: &[
        must("title", Said, "标签", "its label"),
        may(
            "kind",
            Words(&[
                "line",
                "text",
                "choice",
                "choices",
                "number",
                "money",
                "flag",
                "time",
                "future time",
                "date",
                "phone",
                "place",
                "person",
                "people",
                "outside_body",
                "unit",
                "customer",
                "case",
                "signature",
                "files",
                "rows",
            ]),
            "类型，缺省 line",
            "what it holds; `line` unless said",
        ),
        may(
            "choice",
            Map(&Said),
            "单选项",
            "its options, one of which is chosen",
        ),
        may(
            "choices",
            Map(&Said),
            "多选项",
            "its options, any number of which are chosen",
        ),
        may(
            "rows",
            Map(&Shape::Table(&FIELD)),
            "每行的字段",
            "the fields of each row",
        ),
        may("measure", Text, "计量单位", "what a number counts"),
        may("longest", Number, "最多字数", "most characters"),
        may(
            "required",
            Either(&[Flag, Condition]),
            "是否必填，缺省 yes；或条件",
            "yes unless said; no, or a condition",
        ),
        may(
            "or",
            Name,
            "可改填的另一字段",
            "another field that may be given instead",
        ),
        may(
            "when",
            Condition,
            "仅在此条件下填写",
            "asked only when this holds",
        ),
        may(
            "read_back",
            Flag,
            "须向客户复述并勾选",
            "read back to the caller and ticked",
        ),
        may("personal", Flag, "个人信息", "personal data"),
        may("help", Said, "填写说明", "a sentence that helps filling it"),
        may(
            "given",
            Words(&[
                "number",
                "received_at",
                "opened_at",
                "registrar",
                "first_contact_owner",
                "handler",
                "unit",
                "customer",
                "closed_at",
            ]),
            "由记录自动带出",
            "filled by the record, not typed",
        ),
    ],
};

/// An action, or a right.
pub static ACTION: Table = Table {
    name: "action",
    zh: "操作",
    en: "An action",
    keys: &[
        must("title", Said, "按钮名称", "the button: verb and object"),
        may("clause", Clause, "所依条款", "the clause it carries out"),
        must(
            "from",
            OneOrMany(&Text),
            "可在哪些环节进行；any open 任一未结环节，always 任何时候",
            "stages; `any open`, `always`",
        ),
        must("by", WHO, "谁可进行", "who may"),
        may(
            "not_by",
            OneOrMany(&Name),
            "做过这些操作的人不得进行",
            "not by whoever did one of these actions",
        ),
        may(
            "ask",
            Either(&[Name, Map(&Shape::Table(&FIELD))]),
            "填写的字段，或表单代号",
            "fields in order, or the name of a form",
        ),
        may(
            "needs",
            OneOrMany(&Shape::Table(&GUARD)),
            "须满足的条件",
            "conditions with the sentence of the refusal",
        ),
        may(
            "sets",
            Map(&Text),
            "写入的值",
            "values it writes besides what is typed",
        ),
        may(
            "to",
            OneOrMany(&Either(&[Name, Shape::Table(&TRANSITION)])),
            "去向，取首个成立者",
            "where it leads; the first whose condition holds",
        ),
        may(
            "exempt",
            OneOrMany(&Shape::Table(&EXEMPTION)),
            "免履行的时限",
            "deadlines it exempts",
        ),
        may(
            "opens",
            OneOrMany(&Shape::Table(&OPENING)),
            "开立的其他事项",
            "cases it opens",
        ),
        may(
            "pauses",
            Name,
            "暂停时限，原因取自此字段",
            "stops the clocks that list the reason typed in this field",
        ),
        may("resumes", Flag, "恢复计时", "lets stopped clocks run again"),
        may(
            "merges_into",
            Name,
            "并入此字段所指事项",
            "merges into the case named by this field",
        ),
        may(
            "joins",
            Name,
            "归入此字段所指的合并事项",
            "links this case to the joint case named by this field",
        ),
        may(
            "tell",
            OneOrMany(&Shape::Table(&TELLING)),
            "告知谁、告知什么",
            "who is told, and what",
        ),
        may(
            "releases",
            OneOrMany(&Name),
            "释放的唯一性占用",
            "frees what a `unique` claimed",
        ),
        may(
            "marks",
            Shape::Table(&MARK),
            "给客户加标注",
            "sets a mark on a customer; an approval must gate the action",
        ),
        may(
            "unmarks",
            Name,
            "取消本事项所加的标注",
            "takes the case's mark off again",
        ),
        may(
            "erases",
            Text,
            "销毁此处所列事项的内容：字段，或 行表字段.列",
            "erases the contents of the cases listed there: a field, or `rows_field.column`",
        ),
        may("void", Flag, "作废结案", "ends the case as void"),
    ],
};

/// A mark on a customer.
pub static MARK: Table = Table {
    name: "mark",
    zh: "客户标注",
    en: "A mark on a customer",
    keys: &[
        must(
            "customer",
            Name,
            "客户所在的字段",
            "the field that holds the customer",
        ),
        must("as", Name, "标注", "the mark"),
    ],
};

/// A condition of an action.
pub static GUARD: Table = Table {
    name: "guard",
    zh: "条件",
    en: "A condition",
    keys: &[
        must("clause", Clause, "所依条款", "the clause that forbids"),
        must("that", Condition, "须成立的条件", "must hold"),
        must("say", Said, "不成立时的说明", "what is said when it does not"),
    ],
};

/// Where an action leads.
pub static TRANSITION: Table = Table {
    name: "transition",
    zh: "去向",
    en: "Where an action leads",
    keys: &[
        may("stage", Name, "进入的环节", "the stage to go to"),
        may("stay", Flag, "留在原环节", "stays where it is"),
        may("when", Condition, "条件", "taken when this holds"),
        may("round", Words(&["next"]), "开始下一轮", "begins the next round"),
    ],
};

/// An exemption.
pub static EXEMPTION: Table = Table {
    name: "exemption",
    zh: "免履行",
    en: "An exemption",
    keys: &[
        must("deadline", Name, "时限", "the deadline"),
        may("when", Condition, "条件", "when"),
        may("reason", Said, "理由", "the reason as printed"),
    ],
};

/// Cases that are opened.
pub static OPENING: Table = Table {
    name: "opening",
    zh: "开立事项",
    en: "Cases that are opened",
    keys: &[
        must("procedure", Name, "流程", "the procedure of the new case"),
        may(
            "each",
            Name,
            "此行表字段每行开立一个",
            "one for each row of this field",
        ),
        may(
            "gates",
            Flag,
            "未办结前本事项不得办结",
            "this case cannot end before it",
        ),
        may("when", Condition, "条件", "opened only when this holds"),
        may("fields", Map(&Text), "新事项的字段", "fields of the new case"),
    ],
};

/// An approval.
pub static APPROVAL: Table = Table {
    name: "approval",
    zh: "审批",
    en: "An approval",
    keys: &[
        must("title", Said, "名称", "as people say it"),
        must("clause", Clause, "所依条款", "the clause behind it"),
        must("gates", Name, "须经审批的操作", "the action that waits"),
        may("when", Condition, "条件", "needed only when this holds"),
        must(
            "chain",
            OneOrMany(&Shape::Table(&APPROVAL_STEP)),
            "审批顺序",
            "the signers in order",
        ),
        may(
            "refused",
            Shape::Table(&REFUSED),
            "不同意时的去向",
            "where an objection leads",
        ),
        may(
            "replaced_by",
            WHO,
            "谁可另指签批人",
            "who may name another signer for an absent one",
        ),
        must(
            "say",
            Said,
            "未批准时的说明",
            "what is said before the signatures are there",
        ),
    ],
};

/// A step of an approval.
pub static APPROVAL_STEP: Table = Table {
    name: "approval_step",
    zh: "审批步骤",
    en: "A step of an approval",
    keys: &[
        may("who", Shape::Who, "签批人", "one signer"),
        may("all", List(&Shape::Who), "须全部签批", "all of them sign"),
        may("any", List(&Shape::Who), "其中若干人签批", "some of them sign"),
        may("need", Number, "any 中须几人", "how many of `any`; 1 unless said"),
        may(
            "may_delegate",
            Limit,
            "可委托他人的期限",
            "how long a signer may hand it to a deputy",
        ),
    ],
};

/// Where an objection leads.
pub static REFUSED: Table = Table {
    name: "refused",
    zh: "不同意时",
    en: "Where an objection leads",
    keys: &[
        may("to", Name, "退回的环节", "the stage it goes back to"),
        may("round", Words(&["next"]), "开始下一轮", "begins the next round"),
    ],
};
