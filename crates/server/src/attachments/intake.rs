//! Taking a file in: streamed from the network, looked at, scanned, kept.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use regulation::Said;
use store::{FileId, StoreError};
use tokio::sync::mpsc;

use super::kind::{Kind, Look, NotTaken, kind_of, taken};
use super::scan::{Scanned, Stopped};
use super::{Keeper, MEGABYTE, archive, picture};
use crate::app::App;
use crate::http::Problem;

/// How much is read before the kind is told.
const HEAD: u64 = 64 * 1024;
/// The largest picture or packed document: it is looked at in memory.
const LOOKED_AT: u64 = 25 * MEGABYTE;

/// A file that stands, without a row yet.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The file.
    pub file: FileId,
    /// Its size.
    pub size: u64,
    /// Its kind.
    pub kind: Kind,
    /// `clean` or `unchecked`.
    pub checked: &'static str,
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("more than {0} bytes")]
    TooLarge(u64),
    #[error("{0:?}")]
    NotTaken(NotTaken),
    #[error("{0:?}")]
    Picture(picture::Faulty),
    #[error("{0:?}")]
    Packed(archive::Faulty),
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error("the upload broke off: {0}")]
    BrokenOff(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads what an upload sends, from a thread that may block.
struct Sent {
    parts: mpsc::Receiver<Result<Bytes, String>>,
    part: Bytes,
    left: u64,
    largest: u64,
}

impl Read for Sent {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.part.is_empty() {
            match self.parts.blocking_recv() {
                None => return Ok(0),
                Some(Ok(part)) => self.part = part,
                Some(Err(why)) => return Err(io::Error::other(Refused::BrokenOff(why))),
            }
        }
        let count = into.len().min(self.part.len());
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or_else(|| io::Error::other(Refused::TooLarge(self.largest)))?;
        let part = self.part.split_to(count);
        if let Some(place) = into.get_mut(..count) {
            place.copy_from_slice(&part);
        }
        Ok(count)
    }
}

/// Keeps a reader's error, because whoever keeps the file only passes its words on.
struct Noted<'a, R> {
    inner: R,
    note: &'a mut Option<io::Error>,
}

impl<R: Read> Read for Noted<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.inner.read(into).map_err(|error| {
            let told = io::Error::new(error.kind(), error.to_string());
            *self.note = Some(error);
            told
        })
    }
}

fn refused(error: io::Error) -> Refused {
    let text = error.to_string();
    let Some(inner) = error.into_inner() else {
        return Refused::BrokenOff(text);
    };
    match inner.downcast::<Refused>() {
        Ok(refused) => *refused,
        Err(inner) => match inner.downcast::<Stopped>() {
            Ok(stopped) => Refused::Stopped(*stopped),
            Err(_) => Refused::BrokenOff(text),
        },
    }
}

/// Everything in memory, where it is not more than fits.
fn whole(head: Vec<u8>, rest: &mut impl Read) -> Result<Vec<u8>, Refused> {
    let mut all = head;
    rest.take(LOOKED_AT + 1).read_to_end(&mut all).map_err(refused)?;
    if all.len() as u64 > LOOKED_AT {
        return Err(Refused::TooLarge(LOOKED_AT));
    }
    Ok(all)
}

fn keep(keeper: &Keeper, name: &str, mut sent: Sent) -> Result<Taken, Refused> {
    let mut head = Vec::new();
    (&mut sent).take(HEAD).read_to_end(&mut head).map_err(refused)?;
    let kind = kind_of(&head, name).map_err(Refused::NotTaken)?;
    let content: Box<dyn Read> = match kind.look {
        Look::AsItIs | Look::Text => Box::new(Cursor::new(head).chain(sent)),
        Look::Packed => {
            let all = whole(head, &mut sent)?;
            archive::look(&all).map_err(Refused::Packed)?;
            Box::new(Cursor::new(all))
        }
        Look::Jpeg | Look::Png | Look::WebP => {
            let all = whole(head, &mut sent)?;
            let clean = match kind.look {
                Look::Jpeg => picture::jpeg(&all),
                Look::Png => picture::png(&all),
                _ => picture::webp(&all),
            };
            Box::new(Cursor::new(clean.map_err(Refused::Picture)?))
        }
    };
    let (content, checked): (Box<dyn Read>, _) = match &keeper.scanner {
        Some(scanner) => (
            Box::new(Scanned::new(scanner, content).map_err(refused)?),
            "clean",
        ),
        None => (content, "unchecked"),
    };
    let mut note = None;
    let mut noted = Noted {
        inner: content,
        note: &mut note,
    };
    match keeper.files.put(&mut noted) {
        Ok((file, size)) => Ok(Taken {
            file,
            size,
            kind,
            checked,
        }),
        Err(error) => Err(note.map_or(Refused::Store(error), refused)),
    }
}

/// Where files are kept; refused where this server keeps none.
pub fn keeper(app: &App) -> Result<&Keeper, Problem> {
    app.attachments.as_deref().ok_or_else(|| {
        Problem::unavailable(
            "本服务器没有设置存放附件的文件夹。请联系管理员。",
            "This server keeps no files: the administrator sets a folder for them.",
        )
    })
}

/// Takes a file in. When this returns, it stands durably.
pub async fn take(app: &App, name: &str, body: Body) -> Result<Taken, Problem> {
    let keeper = keeper(app)?;
    let _turn = keeper.turns.acquire().await;
    let (send, parts) = mpsc::channel(4);
    let largest = keeper.limits.largest;
    let sent = Sent {
        parts,
        part: Bytes::new(),
        left: largest,
        largest,
    };
    let (shared, name) = (
        Arc::clone(app.attachments.as_ref().ok_or_else(missing)?),
        name.to_owned(),
    );
    let kept = tokio::task::spawn_blocking(move || keep(&shared, &name, sent));
    let mut stream = body.into_data_stream();
    while let Some(part) = stream.next().await {
        let part = part.map_err(|error| error.to_string());
        let broken = part.is_err();
        // Nobody reads any more: it was refused.
        if send.send(part).await.is_err() || broken {
            break;
        }
    }
    drop(send);
    let kept = kept
        .await
        .map_err(|error| Problem::from(StoreError::Failed(error.to_string())))?;
    kept.map_err(problem)
}

fn missing() -> Problem {
    Problem::unavailable("没有存放附件的地方。", "There is no place for files.")
}

fn of_file(zh: impl Into<String>, en: impl Into<String>) -> Problem {
    Problem::input(vec![("file".to_owned(), Said::new(zh, en))])
}

fn problem(refused: Refused) -> Problem {
    match refused {
        Refused::TooLarge(largest) => of_file(
            format!("文件太大，最多{}MB。", largest / MEGABYTE),
            format!("The file is too large; at most {} MB.", largest / MEGABYTE),
        ),
        Refused::NotTaken(NotTaken::Kind) => of_file(
            format!("不能上传这种文件。可以上传：{}。", taken()),
            format!("Files of this kind are not taken. Taken are: {}.", taken()),
        ),
        Refused::NotTaken(NotTaken::Name { is }) => of_file(
            format!("文件的内容与名称不符：内容是{is}。请改成正确的扩展名，或另存为可上传的格式。"),
            format!(
                "The content is {is}, the name says otherwise. Mend the name's ending, or save it as a kind that is taken."
            ),
        ),
        Refused::Picture(picture::Faulty::Broken) => of_file(
            "图片已损坏或没有传完整，请重新拍摄或另存后再试。",
            "The picture is broken or not whole; take or save it again.",
        ),
        Refused::Picture(picture::Faulty::TooLarge) => of_file(
            "图片的像素太多（最多2亿像素），请缩小后再试。",
            "The picture has too many points (at most 200 million); make it smaller.",
        ),
        Refused::Packed(archive::Faulty::Broken) => of_file(
            "文档已损坏，请用办公软件打开并另存后再试。",
            "The document is broken; open it and save it again.",
        ),
        Refused::Packed(archive::Faulty::Bomb) => of_file(
            "文档解开后太大，不能上传。",
            "The document would unpack to too much.",
        ),
        Refused::Packed(archive::Faulty::Program) => of_file(
            "文档里带有宏或程序，不能上传。请另存为不带宏的文档。",
            "The document carries macros or programs; save it without.",
        ),
        Refused::Stopped(Stopped::Found(found)) => {
            tracing::warn!(%found, "an upload was stopped by the virus scanner");
            of_file(
                format!("病毒扫描发现问题（{found}），没有保存。"),
                format!("The virus scanner found {found}; it was not kept."),
            )
        }
        Refused::Stopped(stopped) => {
            tracing::error!(%stopped, "the virus scanner cannot be asked");
            Problem::unavailable(
                "病毒扫描暂不可用，没有保存。请稍后再试。",
                "The virus scanner is not available; nothing was kept. Try again later.",
            )
        }
        Refused::BrokenOff(_) => Problem::malformed(
            "文件没有传完整。请再试一次。",
            "The file did not arrive whole. Try again.",
        ),
        Refused::Store(error) => error.into(),
    }
}
