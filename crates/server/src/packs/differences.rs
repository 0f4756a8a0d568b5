//! What two versions of a pack say differently, in words: pure.

use std::collections::BTreeMap;

use calendar::Lang;
use regulation::model::{ClauseRef, Deadline, Procedure};
use regulation::{Pack, Said};

use crate::http::Language;
use crate::http::wire::limit_words;

/// How something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Only the newer one has it.
    Added,
    /// Only the older one has it.
    Removed,
    /// Both have it, in other words.
    Changed,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// How.
    pub kind: Kind,
    /// What it is about.
    pub what: Said,
    /// The clause it belongs to.
    pub clause: Option<ClauseRef>,
    /// As it was.
    pub before: Option<Said>,
    /// As it is.
    pub after: Option<Said>,
}

/// Something that both versions may state: its words under a key.
struct Stated {
    what: Said,
    clause: Option<ClauseRef>,
    words: Said,
}

/// Every difference between an older and a newer version, in the order of subjects: text, time limits, procedures,
/// duties, figures, working time, phrases.
pub fn differences(older: &Pack, newer: &Pack) -> Vec<Difference> {
    let mut all = Vec::new();
    for stated in [clauses, limits, procedures, obligations, figures, hours, phrases] {
        compare(stated(older), stated(newer), &mut all);
    }
    all
}

fn compare(mut older: BTreeMap<String, Stated>, newer: BTreeMap<String, Stated>, all: &mut Vec<Difference>) {
    for (key, now) in newer {
        match older.remove(&key) {
            None => all.push(Difference {
                kind: Kind::Added,
                what: now.what,
                clause: now.clause,
                before: None,
                after: Some(now.words),
            }),
            Some(was) if was.words != now.words => all.push(Difference {
                kind: Kind::Changed,
                what: now.what,
                clause: now.clause,
                before: Some(was.words),
                after: Some(now.words),
            }),
            Some(_) => {}
        }
    }
    all.extend(older.into_values().map(|was| Difference {
        kind: Kind::Removed,
        what: was.what,
        clause: was.clause,
        before: Some(was.words),
        after: None,
    }));
}

fn same(text: &str) -> Said {
    Said {
        zh: text.to_owned(),
        en: text.to_owned(),
    }
}

fn about(zh: &str, en: &str, title: &Said) -> Said {
    Said {
        zh: format!("{zh}：{}", title.zh),
        en: format!("{en}: {}", title.en),
    }
}

fn inside(procedure: &Procedure, zh: &str, en: &str, title: &Said) -> Said {
    Said {
        zh: format!("{}·{zh}：{}", procedure.title.zh, title.zh),
        en: format!("{} · {en}: {}", procedure.title.en, title.en),
    }
}

fn clauses(pack: &Pack) -> BTreeMap<String, Stated> {
    let own = pack.clauses.iter().filter(|clause| clause.id.pack == pack.name);
    own.map(|clause| {
        let stated = Stated {
            what: about("条文", "Clause", &clause.title),
            clause: Some(clause.id.clone()),
            words: same(&clause.text),
        };
        (clause.id.to_string(), stated)
    })
    .collect()
}

fn both(deadline: &Deadline) -> Said {
    Said {
        zh: limit_words(deadline, Language::Chinese),
        en: limit_words(deadline, Language::English),
    }
}

fn limits(pack: &Pack) -> BTreeMap<String, Stated> {
    let mut all = BTreeMap::new();
    for procedure in pack.procedures.values() {
        for deadline in &procedure.deadlines {
            let stated = Stated {
                what: inside(procedure, "时限", "Deadline", &deadline.title),
                clause: Some(deadline.clause.clone()),
                words: both(deadline),
            };
            all.insert(format!("{}.{}", procedure.key, deadline.key), stated);
        }
    }
    all
}

fn procedures(pack: &Pack) -> BTreeMap<String, Stated> {
    let mut all = BTreeMap::new();
    for procedure in pack.procedures.values() {
        let mut put = |key: String, what: Said, clause: Option<ClauseRef>, words: Said| {
            all.insert(key, Stated { what, clause, words });
        };
        put(
            procedure.key.clone(),
            about("程序", "Procedure", &procedure.title),
            procedure.intake_clause.clone(),
            procedure.title.clone(),
        );
        for stage in &procedure.stages {
            put(
                format!("{}.stage.{}", procedure.key, stage.key),
                inside(procedure, "阶段", "Stage", &stage.title),
                None,
                stage.title.clone(),
            );
        }
        // Rights stand in every procedure; the house states them once.
        let own = procedure
            .actions
            .iter()
            .filter(|action| !pack.rights.iter().any(|right| right.key == action.key));
        for action in own {
            put(
                format!("{}.action.{}", procedure.key, action.key),
                inside(procedure, "动作", "Action", &action.title),
                action.clause.clone(),
                action.title.clone(),
            );
        }
    }
    all
}

fn obligations(pack: &Pack) -> BTreeMap<String, Stated> {
    let words = |lang: Lang, duty: &regulation::model::Obligation| {
        format!("{}, {}", duty.every.label(lang), duty.due.label(lang))
    };
    let one = |duty: &regulation::model::Obligation| {
        let stated = Stated {
            what: about("定期义务", "Obligation", &duty.title),
            clause: Some(duty.clause.clone()),
            words: Said {
                zh: words(Lang::Zh, duty).replace(", ", "，"),
                en: words(Lang::En, duty),
            },
        };
        (duty.key.clone(), stated)
    };
    pack.obligations.iter().map(one).collect()
}

fn figures(pack: &Pack) -> BTreeMap<String, Stated> {
    let one = |figure: &regulation::model::Figure| {
        let words = figure.target.map_or_else(
            || Said {
                zh: "无目标".to_owned(),
                en: "no target".to_owned(),
            },
            |target| same(&format!("{}.{}%", target / 10, target % 10)),
        );
        let stated = Stated {
            what: about("指标", "Figure", &figure.title),
            clause: Some(figure.clause.clone()),
            words,
        };
        (figure.key.clone(), stated)
    };
    pack.figures.iter().map(one).collect()
}

fn hours(pack: &Pack) -> BTreeMap<String, Stated> {
    let one = |(name, spec): (&String, &regulation::model::CalendarSpec)| {
        let spans: Vec<String> = spec
            .hours
            .iter()
            .map(|(days, spans)| format!("{days} {spans}"))
            .collect();
        let stated = Stated {
            what: Said {
                zh: format!("服务时间：{name}"),
                en: format!("Working time: {name}"),
            },
            clause: None,
            words: same(&spans.join("; ")),
        };
        (name.clone(), stated)
    };
    pack.calendars.iter().map(one).collect()
}

fn phrases(pack: &Pack) -> BTreeMap<String, Stated> {
    let one = |group: &regulation::model::PhraseGroup| {
        let join = |words: Vec<&str>| words.join(" / ");
        let stated = Stated {
            what: about("用语", "Phrases", &group.title),
            clause: group.clause.clone(),
            words: Said {
                zh: join(group.phrases.iter().map(|one| one.zh.as_str()).collect()),
                en: join(group.phrases.iter().map(|one| one.en.as_str()).collect()),
            },
        };
        (group.key.clone(), stated)
    };
    pack.phrases.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::{Bundle, built_in};

    fn linked(edit: impl Fn(&str, String) -> String) -> Pack {
        let files = built_in("complaints").unwrap();
        let json = Bundle::of(&files).to_json();
        Bundle::from_json(&edit("complaints", json))
            .unwrap()
            .link()
            .unwrap()
    }

    #[test]
    fn qlt_6_a_version_differs_from_itself_in_nothing() {
        let pack = linked(|_, json| json);
        assert_eq!(differences(&pack, &pack), []);
    }

    #[test]
    fn qlt_6_a_changed_limit_and_a_changed_clause_are_said_with_before_and_after() {
        let older = linked(|_, json| json);
        let newer = linked(|_, json| {
            json.replace("within: 5 minutes", "within: 7 minutes")
                .replace("投诉资料保存三年。", "投诉资料保存五年。")
        });
        let found = differences(&older, &newer);
        let clause = found.iter().find(|one| one.what.zh.starts_with("条文")).unwrap();
        assert_eq!(clause.kind, Kind::Changed);
        assert_eq!(clause.before.as_ref().unwrap().zh, "投诉资料保存三年。");
        assert_eq!(clause.after.as_ref().unwrap().zh, "投诉资料保存五年。");
        let limit = found.iter().find(|one| one.what.zh.contains("时限")).unwrap();
        assert!(limit.before.as_ref().unwrap().zh.contains('5'));
        assert!(limit.after.as_ref().unwrap().zh.contains('7'));
        let back = differences(&newer, &older);
        assert_eq!(back.len(), found.len());
    }
}
