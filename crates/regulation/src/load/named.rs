//! Clauses, people and triggers named at a place of a pack: looked up, or noted with the nearest known name.

use std::collections::BTreeSet;

use super::here::Here;
use super::words;
use crate::model::{ClauseRef, FieldKind, Trigger, UnitOf, Who};
use crate::source::{Node, Place};

impl<'a> Here<'_, 'a> {
    /// The clause under a key.
    pub(crate) fn clause(&self, node: &Node, key: &str) -> Option<ClauseRef> {
        node.get(key).and_then(|node| self.clause_at(node))
    }

    /// The clause under a key that must be there.
    pub(crate) fn clause_or_none(&self, node: &Node, key: &str) -> ClauseRef {
        self.clause(node, key).unwrap_or_else(|| ClauseRef {
            pack: self.pack.name.clone(),
            clause: "".into(),
        })
    }

    /// A clause by its id, or by pack and id.
    pub(crate) fn clause_at(&self, node: &Node) -> Option<ClauseRef> {
        let found = node.as_text()?.trim();
        let own = self.reading.clauses.get(&self.pack.name);
        if own.is_some_and(|ids| ids.contains(found)) {
            return Some(ClauseRef {
                pack: self.pack.name.clone(),
                clause: found.into(),
            });
        }
        if let Some((pack, id)) = found.split_once('.')
            && let Some((pack, ids)) = self.reading.clauses.get_key_value(pack)
        {
            if !ids.contains(id) {
                self.unknown_clause(node, id, ids);
                return None;
            }
            return Some(ClauseRef {
                pack: pack.clone(),
                clause: id.into(),
            });
        }
        let none = BTreeSet::new();
        self.unknown_clause(node, found, own.unwrap_or(&none));
        None
    }

    fn unknown_clause(&self, node: &Node, id: &str, ids: &BTreeSet<String>) {
        let (zh, en) = match crate::source::nearest(id, ids.iter().map(String::as_str)) {
            Some(near) => (
                format!("最接近的条款是 {near}；"),
                format!("The nearest one is {near}; "),
            ),
            None => (String::new(), String::new()),
        };
        self.reading.mistakes.note(
            &node.place,
            "clause.unknown",
            (
                format!("规定中没有条款“{id}”"),
                format!("The regulation has no clause \"{id}\""),
            ),
            (
                format!("{zh}本规则包的条款写编号，其他规则包的写 规则包.编号"),
                format!("{en}write the number of a clause of this pack, `pack.number` for another's"),
            ),
        );
    }

    /// Everyone meant under a key: one, or a list.
    pub(crate) fn people(&self, node: &Node, key: &str) -> Vec<Who> {
        let nodes = node.get(key).map(Node::one_or_many).unwrap_or_default();
        nodes.iter().filter_map(|node| self.who(node)).collect()
    }

    /// Who is meant, the customer not being among them.
    pub(crate) fn who(&self, node: &Node) -> Option<Who> {
        match self.anybody(node)? {
            Who::Customer => {
                self.reading.mistakes.note(
                    &node.place,
                    "who.customer",
                    (
                        "客户不能操作、签批或答复，只能被告知",
                        "A customer neither acts, signs nor answers here; he can only be told",
                    ),
                    (
                        "请写员工的职能或关系；要通知客户，写在操作的 tell 里",
                        "Name a function or a relation of the staff; to tell the customer, write it under `tell` of an action",
                    ),
                );
                None
            }
            who => Some(who),
        }
    }

    /// Who is meant, the customer too.
    pub(crate) fn anybody(&self, node: &Node) -> Option<Who> {
        let found = node.as_text()?;
        let Some(who) = words::who(found) else {
            self.reading.mistakes.note(
                &node.place,
                "who.wrong",
                (format!("“{found}”没有说明是谁"), format!("\"{found}\" does not say who")),
                (
                    "写职能（agent）、职能 of case.部门字段、职能 and above、members of case.部门字段、person case.人员字段、handler、first_contact_owner、registrar、anyone 或 engine",
                    "Write a function (agent), `function of case.field`, `function and above`, `members of case.field`, `person case.field`, handler, first_contact_owner, registrar, anyone or engine",
                ),
            );
            return None;
        };
        match &who {
            Who::Function { function, of, .. } => {
                if !self.reading.functions.contains(&function.as_str()) {
                    let known = self.reading.functions.iter().copied().chain(words::RELATIONS);
                    self.reading
                        .mistakes
                        .unknown(&node.place, "function.unknown", function, known);
                    return None;
                }
                if let Some(UnitOf::Field(field)) = of {
                    self.field_of_kind(field, &node.place, &FieldKind::Unit, ("部门", "unit"));
                }
            }
            Who::MembersOf(UnitOf::Field(field)) => {
                self.field_of_kind(field, &node.place, &FieldKind::Unit, ("部门", "unit"));
            }
            Who::Field(field) => {
                let several = self
                    .outline
                    .and_then(|outline| outline.field(field))
                    .is_some_and(|kind| *kind == FieldKind::People);
                if !several {
                    self.field_of_kind(field, &node.place, &FieldKind::Person, ("人员", "person"));
                }
            }
            _ => {}
        }
        Some(who)
    }

    /// Notes a field that this procedure's cases do not have, or that is of another kind.
    pub(crate) fn field_of_kind(&self, field: &str, place: &Place, wanted: &FieldKind, kind: (&str, &str)) {
        let Some(outline) = self.outline else { return };
        match outline.field(field) {
            None => {
                let known = outline.fields.keys().map(String::as_str);
                self.reading
                    .mistakes
                    .unknown(place, "field.unknown", field, known);
            }
            Some(found) if std::mem::discriminant(found) != std::mem::discriminant(wanted) => {
                self.reading.mistakes.note(
                    place,
                    "field.kind",
                    (
                        format!("字段“{field}”不是{}", kind.0),
                        format!("The field \"{field}\" is not a {}", kind.1),
                    ),
                    (
                        format!("请写 kind: {} 的字段", kind.1),
                        format!("Name a field with `kind: {}`", kind.1),
                    ),
                );
            }
            Some(_) => {}
        }
    }

    /// What starts or stops a clock, with its name looked up.
    pub(crate) fn trigger(&self, node: &Node, starts: bool) -> Option<Trigger> {
        let (outline, found) = (self.outline?, node.as_text()?);
        let mistakes = self.reading.mistakes;
        let Some(mut trigger) = words::trigger(found) else {
            mistakes.note(
                &node.place,
                "trigger.wrong",
                (format!("“{found}”不能作为时限的起止"), format!("\"{found}\" neither starts nor stops a clock")),
                (
                    "写环节名，或 received、ended、subcases ended、action 操作、asked 审批、granted 审批、time case.时间字段",
                    "Write a stage, or received, ended, `subcases ended`, `action name`, `asked approval`, `granted approval`, `time case.field`",
                ),
            );
            return None;
        };
        // What reached us cannot stop anything: there a stage of that name is meant.
        if trigger == Trigger::Received && !starts && outline.stages.contains(&"received") {
            trigger = Trigger::Stage("received".to_owned());
        }
        match &trigger {
            Trigger::Stage(stage) => {
                let (is_stage, is_action) = (
                    outline.stages.contains(&stage.as_str()),
                    outline.actions.contains(&stage.as_str()),
                );
                let bare = !found.contains(' ');
                if is_stage && is_action && bare {
                    mistakes.note(
                        &node.place,
                        "name.ambiguous",
                        (
                            format!("“{stage}”既是环节又是操作"),
                            format!("\"{stage}\" is both a stage and an action"),
                        ),
                        (
                            format!("写作 stage {stage} 或 action {stage}"),
                            format!("Write `stage {stage}` or `action {stage}`"),
                        ),
                    );
                } else if !is_stage && is_action {
                    mistakes.note(
                        &node.place,
                        "trigger.action",
                        (
                            format!("“{stage}”是操作，不是环节"),
                            format!("\"{stage}\" is an action, not a stage"),
                        ),
                        (format!("写作 action {stage}"), format!("Write `action {stage}`")),
                    );
                    return Some(Trigger::Action(stage.clone()));
                } else if !is_stage {
                    mistakes.unknown(
                        &node.place,
                        "stage.unknown",
                        stage,
                        outline.stages.iter().copied(),
                    );
                    return None;
                }
            }
            Trigger::Action(action) if !outline.actions.contains(&action.as_str()) => {
                mistakes.unknown(
                    &node.place,
                    "action.unknown",
                    action,
                    outline.actions.iter().copied(),
                );
                return None;
            }
            Trigger::ApprovalAsked(approval) | Trigger::ApprovalGranted(approval)
                if !outline.approvals.contains(&approval.as_str()) =>
            {
                mistakes.unknown(
                    &node.place,
                    "approval.unknown",
                    approval,
                    outline.approvals.iter().copied(),
                );
                return None;
            }
            Trigger::Field(field) => self.time_field(field, &node.place),
            _ => {}
        }
        Some(trigger)
    }

    /// Notes a field that holds no time.
    pub(crate) fn time_field(&self, field: &str, place: &Place) {
        self.field_of_kind(field, place, &FieldKind::Time { future: false }, ("时间", "time"));
    }
}
