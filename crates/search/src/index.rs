//! The index, its tail and how both are asked as one.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value,
};
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{DocAddress, IndexReader, ReloadPolicy, Searcher, TantivyDocument};

use crate::ordinals::{Ordinals, UNKNOWN};
use crate::passes;
use crate::query::Query;
use crate::tail::{Tail, Waiting};
use crate::tokens::Chinese;
use crate::writer::{self, Job};

/// The tokenizer's name. It changes with the rules by which texts become terms, so that an index made by other rules is
/// not taken for this one.
const TOKENIZER: &str = "chinese_1";

/// Jobs that wait for the writer; more make whoever brings them wait.
const WAITING_JOBS: usize = 20_000;

/// What is indexed of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The record.
    pub id: i64,
    /// Its text, line by line.
    pub body: String,
    /// Words it is found by though they do not stand in the text: initials, ends of numbers.
    pub keys: Vec<String>,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The likest first.
    #[default]
    Relevance,
    /// The newest first.
    Time,
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The words.
    pub query: &'a Query,
    /// The order.
    pub order: Order,
    /// How many hits at most.
    pub limit: usize,
    /// The rank and id of the last hit of the page before.
    pub after: Option<(i64, i64)>,
}

/// One record that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its ordinal.
    pub ordinal: u32,
    /// The record.
    pub id: i64,
    /// Where it stands in the order; with the id the place to go on from.
    pub rank: i64,
    /// Its text.
    pub body: String,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// In order.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: u64,
    /// Whether there are more behind these.
    pub more: bool,
}

/// Why the index does not answer.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The index's own library.
    #[error("the search index: {0}")]
    Index(#[from] tantivy::TantivyError),
    /// Its folder.
    #[error("the search index's folder: {0}")]
    Folder(#[from] std::io::Error),
    /// Its writer stopped.
    #[error("the search index's writer has stopped")]
    Stopped,
}

/// The fields of the index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schemed {
    pub id: Field,
    pub body: Field,
    pub key: Field,
}

/// What a search looks at, replaced or changed under one lock.
pub(crate) struct State {
    pub searcher: Searcher,
    /// Per segment: which ordinal a document has.
    pub segments: Vec<Arc<[u32]>>,
    pub ordinals: Ordinals,
    pub tail: Tail,
    /// The number of the newest job.
    pub job: u64,
    /// What was committed with the index.
    pub mark: Option<String>,
}

/// What the writer shares with those who search.
pub(crate) struct Shared {
    pub state: RwLock<State>,
    pub index: tantivy::Index,
    pub reader: IndexReader,
    pub fields: Schemed,
}

impl Shared {
    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The index.
pub struct Index {
    shared: Arc<Shared>,
    jobs: Mutex<Option<SyncSender<Job>>>,
    writing: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Index").finish_non_exhaustive()
    }
}

fn schema() -> (Schema, Schemed) {
    let mut builder = Schema::builder();
    let terms = TextFieldIndexing::default()
        .set_tokenizer(TOKENIZER)
        .set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(terms).set_stored();
    let fields = Schemed {
        id: builder.add_i64_field("id", INDEXED | FAST | STORED),
        body: builder.add_text_field("body", text),
        key: builder.add_text_field("key", STRING | STORED),
    };
    (builder.build(), fields)
}

impl Index {
    /// Opens the index in a folder; one that is not there, or that other rules made, begins empty. `ids` are the records
    /// that exist.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub fn open(folder: &Path, ids: Vec<i64>) -> Result<Index, SearchError> {
        std::fs::create_dir_all(folder)?;
        let (schema, _) = schema();
        let opened = tantivy::Index::open_in_dir(folder)
            .ok()
            .filter(|index| index.schema() == schema);
        let index = match opened {
            Some(index) => index,
            None => {
                std::fs::remove_dir_all(folder)?;
                std::fs::create_dir_all(folder)?;
                tantivy::Index::create_in_dir(folder, schema)?
            }
        };
        Self::start(index, ids)
    }

    /// Throws away what lies in a folder; the next [`Index::open`] begins empty.
    ///
    /// # Errors
    /// When the folder cannot be removed.
    pub fn discard(folder: &Path) -> Result<(), SearchError> {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// An index that lives in memory alone.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn in_memory(ids: Vec<i64>) -> Result<Index, SearchError> {
        Self::start(tantivy::Index::create_in_ram(schema().0), ids)
    }

    fn start(index: tantivy::Index, ids: Vec<i64>) -> Result<Index, SearchError> {
        let (_, fields) = schema();
        index
            .tokenizers()
            .register(TOKENIZER, TextAnalyzer::from(Chinese));
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        let mark = index.load_metas()?.payload;
        let ordinals = Ordinals::new(ids);
        let searcher = reader.searcher();
        let segments = writer::segments(&searcher, &[], &ordinals)?;
        let shared = Arc::new(Shared {
            state: RwLock::new(State {
                searcher,
                segments,
                ordinals,
                tail: Tail::default(),
                job: 0,
                mark,
            }),
            index,
            reader,
            fields,
        });
        let (jobs, coming) = sync_channel(WAITING_JOBS);
        let writer = writer::Writing::new(Arc::clone(&shared))?;
        let writing = std::thread::Builder::new()
            .name("search-writer".to_owned())
            .spawn(move || writer.run(&coming))?;
        Ok(Index {
            shared,
            jobs: Mutex::new(Some(jobs)),
            writing: Mutex::new(Some(writing)),
        })
    }

    /// The mark that was committed last.
    pub fn mark(&self) -> Option<String> {
        self.shared.read(|state| state.mark.clone())
    }

    /// The ordinal of a record, given to it now if it has none.
    pub fn ordinal(&self, id: i64) -> u32 {
        match self.shared.read(|state| state.ordinals.find(id)) {
            Some(ordinal) => ordinal,
            None => self.shared.write(|state| state.ordinals.give(id)),
        }
    }

    /// The ordinal of a record, if it has one.
    pub fn known(&self, id: i64) -> Option<u32> {
        self.shared.read(|state| state.ordinals.find(id))
    }

    /// The record behind an ordinal.
    pub fn id(&self, ordinal: u32) -> Option<i64> {
        self.shared.read(|state| state.ordinals.id(ordinal))
    }

    /// How many records have an ordinal.
    pub fn records(&self) -> usize {
        self.shared.read(|state| state.ordinals.len())
    }

    /// How many documents wait in the tail.
    pub fn waiting(&self) -> usize {
        self.shared.read(|state| state.tail.len())
    }

    /// Takes a record in, in the place of what was known of it. It is found from now on; waits while the writer is far
    /// behind.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn put(&self, document: Document) -> Result<(), SearchError> {
        let (id, document) = (document.id, Arc::new(document));
        self.change(id, Some(document))
    }

    /// Forgets a record: it is not found from now on.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn remove(&self, id: i64) -> Result<(), SearchError> {
        if self.known(id).is_none() {
            return Ok(());
        }
        self.change(id, None)
    }

    fn change(&self, id: i64, document: Option<Arc<Document>>) -> Result<(), SearchError> {
        // Cut into terms before the lock is taken.
        let mut waiting = Waiting::new(0, document.clone());
        let job = self.shared.write(|state| {
            state.job += 1;
            waiting.job = state.job;
            let ordinal = state.ordinals.give(id);
            state.tail.put(ordinal, waiting);
            state.job
        });
        self.send(Job::Put { job, id, document })
    }

    /// Takes a record in without being found before the next commit: for filling an index that nobody asks yet.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn feed(&self, document: Document) -> Result<(), SearchError> {
        let id = document.id;
        let job = self.shared.write(|state| {
            state.job += 1;
            state.ordinals.give(id);
            state.job
        });
        let document = Some(Arc::new(document));
        self.send(Job::Put { job, id, document })
    }

    /// Everything put so far is what this mark says; it is committed with it.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn set_mark(&self, mark: String) -> Result<(), SearchError> {
        self.send(Job::Mark(mark))
    }

    /// Commits what waits, and comes back when that is done; `false` when it could not be written.
    ///
    /// # Errors
    /// When the writer has stopped.
    pub fn commit(&self) -> Result<bool, SearchError> {
        let (done, wait) = sync_channel(1);
        self.send(Job::Commit(done))?;
        wait.recv().map_err(|_| SearchError::Stopped)
    }

    /// Commits what waits and stops the writer.
    pub fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writing) = writing
            && writing.join().is_err()
        {
            tracing::error!("the search index's writer ended badly");
        }
    }

    fn send(&self, job: Job) -> Result<(), SearchError> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).clone();
        jobs.ok_or(SearchError::Stopped)?
            .send(job)
            .map_err(|_| SearchError::Stopped)
    }

    /// Asks. `keep` says whether a record may be counted; `when` orders by time.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn search(
        &self,
        ask: &Ask<'_>,
        keep: impl Fn(u32) -> bool,
        when: impl Fn(u32) -> i64,
    ) -> Result<Found, SearchError> {
        let (found, searcher) = self.shared.read(|state| {
            let found = passes::run(state, self.shared.fields, ask, &keep, &when)?;
            Ok::<_, SearchError>((found, state.searcher.clone()))
        })?;
        let more = found.best.len() > ask.limit;
        let mut hits = Vec::with_capacity(ask.limit.min(found.best.len()));
        for best in found.best.into_iter().take(ask.limit) {
            let body = match best.place {
                passes::Place::Tail(document) => document.body.clone(),
                passes::Place::Index(address) => self.body(&searcher, address)?,
            };
            hits.push(Hit {
                ordinal: best.ordinal,
                id: best.id,
                rank: best.rank,
                body,
            });
        }
        Ok(Found {
            hits,
            total: found.total,
            more,
        })
    }

    fn body(&self, searcher: &Searcher, address: DocAddress) -> Result<String, SearchError> {
        let document: TantivyDocument = searcher.doc(address)?;
        let body = document.get_first(self.shared.fields.body);
        Ok(body.and_then(|body| body.as_str()).unwrap_or_default().to_owned())
    }

    fn read(&self, stored: &TantivyDocument) -> Document {
        let fields = self.shared.fields;
        let text = |value: &str| value.to_owned();
        Document {
            id: stored
                .get_first(fields.id)
                .and_then(|id| id.as_i64())
                .unwrap_or_default(),
            body: stored
                .get_first(fields.body)
                .and_then(|body| body.as_str())
                .map(text)
                .unwrap_or_default(),
            keys: stored
                .get_all(fields.key)
                .filter_map(|key| key.as_str())
                .map(text)
                .collect(),
        }
    }

    /// Hands over the documents of all records that `wanted` names, in no order.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn documents(
        &self,
        wanted: impl Fn(u32) -> bool,
        mut take: impl FnMut(u32, &Document),
    ) -> Result<(), SearchError> {
        let (searcher, segments, waiting) = self.shared.read(|state| {
            let waiting: Vec<(u32, Option<Arc<Document>>)> = state
                .tail
                .iter()
                .map(|(ordinal, waiting)| (ordinal, waiting.document.clone()))
                .collect();
            (state.searcher.clone(), state.segments.clone(), waiting)
        });
        let hidden: std::collections::HashSet<u32> = waiting.iter().map(|(ordinal, _)| *ordinal).collect();
        for (reader, ordinals) in searcher.segment_readers().iter().zip(&segments) {
            let store = reader.get_store_reader(1)?;
            for document in reader.doc_ids_alive() {
                let ordinal = ordinals.get(document as usize).copied().unwrap_or(UNKNOWN);
                if ordinal == UNKNOWN || hidden.contains(&ordinal) || !wanted(ordinal) {
                    continue;
                }
                let stored: TantivyDocument = store.get(document)?;
                take(ordinal, &self.read(&stored));
            }
        }
        for (ordinal, document) in waiting {
            if let Some(document) = document.filter(|_| wanted(ordinal)) {
                take(ordinal, &document);
            }
        }
        Ok(())
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.close();
    }
}
