//! Approvals.

use super::action::many;
use super::field::{said, text};
use super::here::Here;
use crate::model::{Approval, ApprovalStep};
use crate::source::{Key, Node};

impl<'a> Here<'_, 'a> {
    /// An approval of this procedure.
    pub(crate) fn approval(&self, key: &'a Key, node: &'a Node) -> Option<Approval> {
        let outline = self.outline?;
        let gates = node
            .get("gates")
            .and_then(|node| self.known(node, "action.unknown", &outline.actions));
        if let Some(chain) = node.get("chain").filter(|chain| chain.one_or_many().is_empty()) {
            self.reading.mistakes.note(
                &chain.place,
                "approval.unsigned",
                (
                    "审批没有写由谁签",
                    "Nobody signs this approval, so it can never be given",
                ),
                (
                    "写 chain: [{ who: 职务 }]，或删去这项审批",
                    "Write `chain: [{ who: function }]`, or take the approval away",
                ),
            );
        }
        let refused = node.get("refused");
        let refused_to = refused.and_then(|node| node.get("to"));
        let approval = Approval {
            key: key.text.clone(),
            title: said(node, "title"),
            clause: self.clause_or_none(node, "clause"),
            gates: gates?,
            when: self.condition(node.get("when")),
            steps: many(node, "chain").filter_map(|node| self.step(node)).collect(),
            refused_to: refused_to.and_then(|node| self.known(node, "stage.unknown", &outline.stages)),
            refused_next_round: refused.is_some_and(|node| node.get("round").is_some()),
            replaced_by: self.people(node, "replaced_by"),
            say: said(node, "say"),
        };
        Some(approval)
    }

    fn step(&self, node: &Node) -> Option<ApprovalStep> {
        let ways: Vec<&str> = ["who", "all", "any"]
            .into_iter()
            .filter(|way| node.get(way).is_some())
            .collect();
        let [way] = ways[..] else {
            if node.is_map() {
                self.reading.mistakes.note(
                    &node.place,
                    "approval.step",
                    (
                        "审批步骤应写 who、all、any 之一",
                        "A step of an approval wants one of who, all, any",
                    ),
                    (
                        "一人签写 who，全部签写 all，若干人签写 any 加 need",
                        "`who` for one signer, `all` for all of several, `any` with `need` for some",
                    ),
                );
            }
            return None;
        };
        let signers = self.people(node, way);
        let need = text(node, "need").and_then(|text| text.parse::<u32>().ok());
        let listed = node.get(way).map_or(0, |node| node.one_or_many().len());
        if let Some(node) = node.get("need")
            && (way != "any" || need.is_some_and(|need| need == 0 || need as usize > listed))
        {
            self.reading.mistakes.note(
                &node.place,
                "approval.need",
                (
                    "need 只用于 any，且应在 1 和签批人数之间",
                    "`need` goes with `any`, from 1 to the number of signers",
                ),
                (
                    format!("写 1 到 {listed} 之间的数，或删去"),
                    format!("Write a number from 1 to {listed}, or take it away"),
                ),
            );
        }
        Some(ApprovalStep {
            need: match way {
                "any" => need.unwrap_or(1),
                _ => u32::try_from(signers.len()).unwrap_or(u32::MAX),
            },
            signers,
            may_delegate: self.limit(node, "may_delegate"),
        })
    }
}
