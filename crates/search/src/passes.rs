//! One search over index and tail. Ranked by likeness it takes two passes: one that skips whole blocks which cannot
//! reach the page, and one that only counts. By time it takes one.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use tantivy::query::{
    AllQuery, Bm25StatisticsProvider, BooleanQuery, ConstScoreQuery, EnableScoring, Query as IndexQuery,
    TermQuery,
};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, Searcher, Term};

use crate::index::{Ask, Document, Order, Schemed, SearchError, State};
use crate::ordinals::UNKNOWN;
use crate::query::{Clause, Query};
use crate::tail::{Hashed, KEY_SCORE, Rarity, hash, idf};

/// Where a hit's text is.
pub(crate) enum Place {
    Tail(Arc<Document>),
    Index(DocAddress),
}

/// A hit before its text is fetched.
pub(crate) struct Best {
    pub rank: i64,
    pub id: i64,
    pub ordinal: u32,
    pub place: Place,
}

pub(crate) struct Ranked {
    /// In order, one more than wanted if there is one.
    pub best: Vec<Best>,
    pub total: u64,
}

/// Rank, id, ordinal, segment and document.
type Placed = (i64, i64, u32, u32, u32);

/// The best so many, the worst of them on top.
struct Page {
    limit: usize,
    after: Option<(i64, i64)>,
    heap: BinaryHeap<Reverse<Placed>>,
}

/// The segment number that stands for the tail.
const TAIL: u32 = u32::MAX;

impl Page {
    fn new(ask: &Ask<'_>) -> Self {
        Page {
            limit: ask.limit + 1,
            after: ask.after,
            heap: BinaryHeap::with_capacity(ask.limit + 2),
        }
    }

    fn offer(&mut self, rank: i64, id: i64, ordinal: u32, segment: u32, document: u32) {
        if self.after.is_some_and(|after| (rank, id) >= after) {
            return;
        }
        self.heap.push(Reverse((rank, id, ordinal, segment, document)));
        if self.heap.len() > self.limit {
            self.heap.pop();
        }
    }

    /// The rank below which nothing reaches the page any more.
    fn least(&self) -> Option<i64> {
        let full = self.heap.len() >= self.limit;
        self.heap.peek().filter(|_| full).map(|Reverse(worst)| worst.0)
    }
}

/// A score as a rank: scores are positive, so their bits have their order.
fn rank(score: f32) -> i64 {
    i64::from(score.max(0.0).to_bits())
}

pub(crate) fn run(
    state: &State,
    fields: Schemed,
    ask: &Ask<'_>,
    keep: &impl Fn(u32) -> bool,
    when: &impl Fn(u32) -> i64,
) -> Result<Ranked, SearchError> {
    let mut page = Page::new(ask);
    let mut total = in_tail(state, fields, ask, keep, when, &mut page)?;
    let counted = |ordinal: u32| ordinal != UNKNOWN && !state.tail.hides(ordinal) && keep(ordinal);
    let query = index_query(ask.query, fields);
    let scored = ask.order == Order::Relevance && !ask.query.clauses.is_empty();
    let plain = query.weight(EnableScoring::disabled_from_searcher(&state.searcher))?;
    let scoring = if scored {
        Some(query.weight(EnableScoring::enabled_from_searcher(&state.searcher))?)
    } else {
        None
    };
    for (number, (reader, ordinals)) in
        (0u32..).zip(state.searcher.segment_readers().iter().zip(&state.segments))
    {
        let alive = reader.alive_bitset();
        let is_alive = |document: u32| alive.is_none_or(|alive| alive.is_alive(document));
        let ordinal_of = |document: u32| ordinals.get(document as usize).copied().unwrap_or(UNKNOWN);
        if let Some(weight) = &scoring {
            let threshold = |page: &Page| match page.least() {
                // A tie goes by the id, so equal scores are still looked at.
                Some(least) => f32::from_bits(u32::try_from(least).unwrap_or_default()).next_down(),
                None => f32::MIN,
            };
            let start = threshold(&page);
            let mut now = start;
            weight.for_each_pruning(start, reader, &mut |document, score| {
                let ordinal = ordinal_of(document);
                if score > now && is_alive(document) && counted(ordinal) {
                    let id = state.ordinals.id(ordinal).unwrap_or_default();
                    page.offer(rank(score), id, ordinal, number, document);
                    now = threshold(&page);
                }
                now
            })?;
        }
        plain.for_each_no_score(reader, &mut |documents| {
            for document in documents {
                let ordinal = ordinal_of(*document);
                if !is_alive(*document) || !counted(ordinal) {
                    continue;
                }
                total += 1;
                if !scored {
                    let at = when(ordinal);
                    if page.least().is_none_or(|least| at >= least) {
                        let id = state.ordinals.id(ordinal).unwrap_or_default();
                        page.offer(at, id, ordinal, number, *document);
                    }
                }
            }
        })?;
    }
    let mut ordered = page.heap.into_sorted_vec();
    ordered.truncate(page.limit);
    let best = ordered
        .into_iter()
        .filter_map(|Reverse((rank, id, ordinal, segment, document))| {
            let place = match segment {
                TAIL => Place::Tail(state.tail.get(ordinal)?.document.clone()?),
                segment => Place::Index(DocAddress::new(segment, document)),
            };
            Some(Best {
                rank,
                id,
                ordinal,
                place,
            })
        })
        .collect();
    Ok(Ranked { best, total })
}

fn in_tail(
    state: &State,
    fields: Schemed,
    ask: &Ask<'_>,
    keep: &impl Fn(u32) -> bool,
    when: &impl Fn(u32) -> i64,
    page: &mut Page,
) -> Result<u64, SearchError> {
    if state.tail.len() == 0 {
        return Ok(0);
    }
    let rarity = rarity(&state.searcher, fields, ask.query)?;
    let hashed = Hashed::new(ask.query);
    let scored = ask.order == Order::Relevance && !ask.query.clauses.is_empty();
    let mut total = 0;
    for (ordinal, waiting) in state.tail.iter() {
        let Some(score) = waiting.score(&hashed, &rarity).filter(|_| keep(ordinal)) else {
            continue;
        };
        total += 1;
        let rank = if scored { rank(score) } else { when(ordinal) };
        page.offer(
            rank,
            state.ordinals.id(ordinal).unwrap_or_default(),
            ordinal,
            TAIL,
            0,
        );
    }
    Ok(total)
}

fn rarity(searcher: &Searcher, fields: Schemed, query: &Query) -> Result<Rarity, SearchError> {
    let documents = searcher.total_num_docs()?;
    let tokens = searcher.total_num_tokens(fields.body)?;
    let mut rare = HashMap::new();
    for term in query.terms() {
        let frequency = searcher.doc_freq(&Term::from_field_text(fields.body, term))?;
        rare.insert(hash(term), idf(frequency, documents));
    }
    Ok(Rarity {
        idf: rare,
        average: if documents == 0 {
            100.0
        } else {
            tokens as f32 / documents as f32
        },
    })
}

fn index_query(query: &Query, fields: Schemed) -> Box<dyn IndexQuery> {
    let mut clauses: Vec<Box<dyn IndexQuery>> = query
        .clauses
        .iter()
        .map(|clause| index_clause(clause, fields))
        .collect();
    match clauses.len() {
        0 => Box::new(AllQuery),
        1 => clauses.remove(0),
        _ => Box::new(BooleanQuery::intersection(clauses)),
    }
}

fn index_clause(clause: &Clause, fields: Schemed) -> Box<dyn IndexQuery> {
    let mut words: Vec<Box<dyn IndexQuery>> = clause
        .terms
        .iter()
        .filter(|_| clause.need > 0)
        .map(|term| {
            let term = Term::from_field_text(fields.body, term);
            Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)) as Box<dyn IndexQuery>
        })
        .collect();
    let mut ways: Vec<Box<dyn IndexQuery>> = Vec::new();
    match words.len() {
        0 => {}
        1 => ways.push(words.remove(0)),
        all if all == clause.need => ways.push(Box::new(BooleanQuery::intersection(words))),
        _ => ways.push(Box::new(BooleanQuery::union_with_minimum_required_clauses(
            words,
            clause.need,
        ))),
    }
    if !clause.keys.is_empty() {
        let keys: Vec<Box<dyn IndexQuery>> = clause
            .keys
            .iter()
            .map(|key| {
                let term = Term::from_field_text(fields.key, key);
                Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn IndexQuery>
            })
            .collect();
        ways.push(Box::new(ConstScoreQuery::new(
            Box::new(BooleanQuery::union(keys)),
            KEY_SCORE,
        )));
    }
    match ways.len() {
        1 => ways.remove(0),
        _ => Box::new(BooleanQuery::union(ways)),
    }
}
