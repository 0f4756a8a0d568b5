//! The thread that writes the index: takes jobs, commits every second or so, hands the new state to those who search.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use tantivy::indexer::IndexWriterOptions;
use tantivy::merge_policy::LogMergePolicy;
use tantivy::{IndexWriter, Searcher, TantivyDocument, Term};

use crate::index::{Document, SearchError, Shared};
use crate::ordinals::{Ordinals, UNKNOWN};

/// What was put is committed after so long,
const COMMIT_AFTER: Duration = Duration::from_secs(1);
/// or when it has become so many.
const COMMIT_AT: usize = 5_000;
/// What the writer may keep in memory before it writes a segment.
const MEMORY: usize = 40_000_000;
/// A segment in which more than this share is out of date is written anew.
const STALE_SHARE: f32 = 0.3;

/// What the writer is asked to do.
pub(crate) enum Job {
    Put {
        job: u64,
        id: i64,
        /// `None`: forget the record.
        document: Option<Arc<Document>>,
    },
    Mark(String),
    Commit(SyncSender<bool>),
}

/// For each segment which ordinal a document has; those of segments known already are taken over.
pub(crate) fn segments(
    searcher: &Searcher,
    known: &[(tantivy::index::SegmentId, Arc<[u32]>)],
    ordinals: &Ordinals,
) -> Result<Vec<Arc<[u32]>>, SearchError> {
    let known: HashMap<_, _> = known.iter().map(|(id, map)| (*id, map)).collect();
    let mut maps = Vec::with_capacity(searcher.segment_readers().len());
    for reader in searcher.segment_readers() {
        if let Some(map) = known.get(&reader.segment_id()) {
            maps.push(Arc::clone(map));
            continue;
        }
        let ids = reader.fast_fields().i64("id")?;
        let map: Vec<u32> = (0..reader.max_doc())
            .map(|document| {
                ids.first(document)
                    .and_then(|id| ordinals.find(id))
                    .unwrap_or(UNKNOWN)
            })
            .collect();
        maps.push(map.into());
    }
    Ok(maps)
}

pub(crate) struct Writing {
    shared: Arc<Shared>,
    writer: Option<IndexWriter>,
    mark: Option<String>,
    /// The newest job written.
    job: u64,
    pending: usize,
    since: Option<Instant>,
}

impl Writing {
    pub fn new(shared: Arc<Shared>) -> Result<Self, SearchError> {
        let mut writing = Writing {
            mark: shared.read(|state| state.mark.clone()),
            shared,
            writer: None,
            job: 0,
            pending: 0,
            since: None,
        };
        writing.writer = Some(writing.open()?);
        Ok(writing)
    }

    fn open(&self) -> Result<IndexWriter, SearchError> {
        let options = IndexWriterOptions::builder()
            .num_worker_threads(1)
            .num_merge_threads(1)
            .memory_budget_per_thread(MEMORY)
            .build();
        let writer: IndexWriter = self.shared.index.writer_with_options(options)?;
        let mut policy = LogMergePolicy::default();
        policy.set_del_docs_ratio_before_merge(STALE_SHARE);
        writer.set_merge_policy(Box::new(policy));
        Ok(writer)
    }

    pub fn run(mut self, coming: &Receiver<Job>) {
        loop {
            let next = match self.since {
                None => coming.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) => coming.recv_timeout(COMMIT_AFTER.saturating_sub(since.elapsed())),
            };
            match next {
                Ok(Job::Put { job, id, document }) => {
                    self.put(id, document.as_deref());
                    self.job = job;
                    self.pending += 1;
                    self.since.get_or_insert_with(Instant::now);
                }
                Ok(Job::Mark(mark)) => {
                    self.mark = Some(mark);
                    self.since.get_or_insert_with(Instant::now);
                }
                Ok(Job::Commit(done)) => {
                    let written = self.commit();
                    // Whoever asked may have gone away.
                    let _ = done.send(written);
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    if self.since.is_some() {
                        self.commit();
                    }
                    if let Some(writer) = self.writer.take()
                        && let Err(error) = writer.wait_merging_threads()
                    {
                        tracing::warn!(%error, "the search index was not tidied up");
                    }
                    return;
                }
            }
            let due = self.since.is_some_and(|since| since.elapsed() >= COMMIT_AFTER);
            if due || self.pending >= COMMIT_AT {
                self.commit();
            }
        }
    }

    fn put(&mut self, id: i64, document: Option<&Document>) {
        let fields = self.shared.fields;
        let Some(writer) = &self.writer else { return };
        writer.delete_term(Term::from_field_i64(fields.id, id));
        let Some(document) = document else { return };
        let mut row = TantivyDocument::new();
        row.add_i64(fields.id, id);
        row.add_text(fields.body, &document.body);
        for key in &document.keys {
            row.add_text(fields.key, key);
        }
        if let Err(error) = writer.add_document(row) {
            self.broken(&error);
        }
    }

    /// What cannot be written stays in the tail; the next commit begins with a new writer.
    fn broken(&mut self, error: &tantivy::TantivyError) {
        tracing::error!(%error, "the search index cannot be written; what is new is kept in memory");
        self.writer = None;
    }

    fn commit(&mut self) -> bool {
        (self.pending, self.since) = (0, None);
        let written = self.try_commit();
        if let Err(error) = &written {
            tracing::error!(%error, "the search index could not be written; what is new is kept in memory");
            self.writer = None;
            self.since = Some(Instant::now());
        }
        written.is_ok()
    }

    fn try_commit(&mut self) -> Result<(), SearchError> {
        if self.writer.is_none() {
            self.writer = Some(self.open()?);
            let waiting: Vec<(i64, Option<Arc<Document>>)> = self.shared.read(|state| {
                let all = state.tail.iter().filter(|(_, waiting)| waiting.job <= self.job);
                all.filter_map(|(ordinal, waiting)| {
                    state
                        .ordinals
                        .id(ordinal)
                        .map(|id| (id, waiting.document.clone()))
                })
                .collect()
            });
            for (id, document) in waiting {
                self.put(id, document.as_deref());
            }
        }
        let Some(writer) = &mut self.writer else {
            return Err(SearchError::Stopped);
        };
        let mut prepared = writer.prepare_commit()?;
        if let Some(mark) = &self.mark {
            prepared.set_payload(mark);
        }
        prepared.commit()?;
        self.publish()
    }

    /// Hands the new state over, at once for all who search.
    fn publish(&self) -> Result<(), SearchError> {
        self.shared.reader.reload()?;
        let searcher = self.shared.reader.searcher();
        let known: Vec<_> = self.shared.read(|state| {
            let ids = state
                .searcher
                .segment_readers()
                .iter()
                .map(|reader| reader.segment_id());
            ids.zip(state.segments.iter().cloned()).collect()
        });
        // Every document's ordinal was given before its job came here, so the maps are whole.
        let maps = self
            .shared
            .read(|state| segments(&searcher, &known, &state.ordinals))?;
        self.shared.write(|state| {
            state.searcher = searcher;
            state.segments = maps;
            state.tail.taken_in(self.job);
            state.mark.clone_from(&self.mark);
        });
        Ok(())
    }
}
