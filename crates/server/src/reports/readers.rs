//! Who may read a pack's report: the functions that it, or the house for every pack, names as `readers:`. What a reader
//! sees of it is cut to the cases within their own reach besides.

use regulation::decide::{holds_one_of, say_who};
use regulation::{Actor, Pack};

use crate::http::{Answer, Problem};

/// Refuses who is no reader of the pack's report, naming those who are.
pub(super) fn admit(pack: &Pack, actor: &Actor) -> Answer<()> {
    if holds_one_of(pack, actor, &pack.readers) {
        return Ok(());
    }
    let said: Vec<_> = pack.readers.iter().map(|who| say_who(pack, who)).collect();
    let (zh, en): (Vec<&str>, Vec<&str>) = said.iter().map(|one| (&*one.zh, &*one.en)).unzip();
    Err(Problem::forbidden(
        format!(
            "《{}》的条款履行报告由以下职能查看：{}。",
            pack.title.zh,
            zh.join("、")
        ),
        format!(
            "The clause report of \"{}\" is read by: {}.",
            pack.title.en,
            en.join(", ")
        ),
    ))
}
