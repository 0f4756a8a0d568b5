//! A virus scanner beside us: clamd's stream protocol, over TCP or a socket in the file system.
//!
//! What is being kept passes through; when it ends, the scanner says what it thinks, and a file it objects to is never
//! kept. A scanner that is set but cannot be reached stops uploads: nothing is taken in unchecked by accident.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long the scanner may take for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer.
const LONGEST: u64 = 4096;

/// Where the scanner listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// `host:port`.
    Tcp(String),
    /// A socket in the file system.
    Socket(std::path::PathBuf),
}

impl std::str::FromStr for Scanner {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            return Ok(Scanner::Socket(path.into()));
        }
        match text.rsplit_once(':') {
            Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
                Ok(Scanner::Tcp(text.to_owned()))
            }
            _ => Err(format!(
                "clamd is \"{text}\": write host:port, or unix:/run/clamav/clamd.ctl"
            )),
        }
    }
}

/// Why the scanner stopped a file.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// It found something.
    #[error("the scanner found {0}")]
    Found(String),
    /// It cannot be asked, or gave no verdict.
    #[error("the scanner gives no verdict: {0}")]
    NoVerdict(String),
}

trait Line: Read + Write + Send {}
impl<T: Read + Write + Send> Line for T {}

fn connect(scanner: &Scanner) -> io::Result<Box<dyn Line>> {
    match scanner {
        Scanner::Tcp(address) => {
            let mut last = io::Error::new(io::ErrorKind::NotFound, "no address");
            for one in address.to_socket_addrs()? {
                match TcpStream::connect_timeout(&one, Duration::from_secs(5)) {
                    Ok(stream) => {
                        stream.set_read_timeout(Some(PATIENCE))?;
                        stream.set_write_timeout(Some(PATIENCE))?;
                        return Ok(Box::new(stream));
                    }
                    Err(error) => last = error,
                }
            }
            Err(last)
        }
        Scanner::Socket(path) => {
            let stream = std::os::unix::net::UnixStream::connect(path)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            Ok(Box::new(stream))
        }
    }
}

/// A reader that shows the scanner all it reads, and fails at the end where the scanner objects.
pub struct Scanned<R> {
    inner: R,
    line: Box<dyn Line>,
    done: bool,
}

impl<R: Read> Scanned<R> {
    /// Begins.
    pub fn new(scanner: &Scanner, inner: R) -> io::Result<Self> {
        let failed = |error: io::Error| io::Error::other(Stopped::NoVerdict(error.to_string()));
        let mut line = connect(scanner).map_err(failed)?;
        line.write_all(b"zINSTREAM\0").map_err(failed)?;
        Ok(Scanned {
            inner,
            line,
            done: false,
        })
    }

    fn verdict(&mut self) -> Result<(), Stopped> {
        let failed = |error: io::Error| Stopped::NoVerdict(error.to_string());
        self.line.write_all(&[0; 4]).map_err(failed)?;
        self.line.flush().map_err(failed)?;
        let mut answer = Vec::new();
        let mut byte = [0];
        while (answer.len() as u64) < LONGEST && self.line.read(&mut byte).map_err(failed)? == 1 {
            if matches!(byte[0], 0 | b'\n') {
                break;
            }
            answer.push(byte[0]);
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let said = answer.strip_prefix("stream: ").unwrap_or(&answer);
        match said.strip_suffix(" FOUND") {
            Some(found) => Err(Stopped::Found(found.to_owned())),
            None if said == "OK" => Ok(()),
            None => Err(Stopped::NoVerdict(answer)),
        }
    }
}

impl<R: Read> Read for Scanned<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.done || into.is_empty() {
            return Ok(0);
        }
        let read = self.inner.read(into)?;
        if read == 0 {
            self.done = true;
            self.verdict().map_err(io::Error::other)?;
            return Ok(0);
        }
        let shown = into.get(..read).unwrap_or_default();
        let length = u32::try_from(read).unwrap_or(u32::MAX).to_be_bytes();
        let sent = self
            .line
            .write_all(&length)
            .and_then(|()| self.line.write_all(shown));
        // A scanner that closes the line early has a verdict or a reason; it is asked at once.
        if let Err(error) = sent {
            return Err(io::Error::other(match self.verdict() {
                Err(stopped @ Stopped::Found(_)) => stopped,
                _ => Stopped::NoVerdict(error.to_string()),
            }));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A scanner that speaks the protocol and objects to the harmless test file that all scanners object to.
    fn fake() -> Scanner {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut command = [0; 10];
                stream.read_exact(&mut command).unwrap();
                assert_eq!(&command, b"zINSTREAM\0");
                let mut content = Vec::new();
                loop {
                    let mut length = [0; 4];
                    stream.read_exact(&mut length).unwrap();
                    let length = u32::from_be_bytes(length) as usize;
                    if length == 0 {
                        break;
                    }
                    let mut part = vec![0; length];
                    stream.read_exact(&mut part).unwrap();
                    content.extend(part);
                }
                let found = content
                    .windows(29)
                    .any(|part| part == b"EICAR-STANDARD-ANTIVIRUS-TEST");
                let said: &[u8] = if found {
                    b"stream: Eicar-Test-Signature FOUND\0"
                } else {
                    b"stream: OK\0"
                };
                stream.write_all(said).unwrap();
            }
        });
        Scanner::Tcp(address.to_string())
    }

    #[test]
    fn attack_a_file_that_the_scanner_objects_to_is_never_kept() {
        let folder = tempfile::tempdir().unwrap();
        let files = store::FolderFiles::open(folder.path()).unwrap();
        let scanner = fake();
        let eicar = [
            &b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$"[..],
            b"EICAR-STANDARD-ANTIVIRUS-TEST",
            b"-FILE!$H+H*",
        ]
        .concat();
        let mut content = Scanned::new(&scanner, &eicar[..]).unwrap();
        let error = store::Files::put(&files, &mut content).unwrap_err();
        assert!(error.to_string().contains("Eicar-Test-Signature"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut content = Scanned::new(&scanner, &b"harmless"[..]).unwrap();
        assert_eq!(store::Files::put(&files, &mut content).unwrap().1, 8);
    }

    #[test]
    fn a_scanner_that_is_gone_lets_nothing_through() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        assert!(Scanned::new(&Scanner::Tcp(address), &b"x"[..]).is_err());
    }

    #[test]
    fn the_scanner_is_named_by_address_or_socket() {
        assert_eq!(
            "127.0.0.1:3310".parse(),
            Ok(Scanner::Tcp("127.0.0.1:3310".into()))
        );
        assert_eq!(
            "unix:/run/clamd".parse(),
            Ok(Scanner::Socket("/run/clamd".into()))
        );
        assert!("clamd".parse::<Scanner>().is_err());
    }
}
