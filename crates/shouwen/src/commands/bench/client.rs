//! A very small HTTP/1.1 client, so that the load costs as little as can be beside what it measures.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its header lines.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// One request on a connection of its own.
pub async fn ask(address: SocketAddr, head: &str, body: &str) -> anyhow::Result<Answer> {
    let mut stream = TcpStream::connect(address).await?;
    exchange(&mut stream, format!("{head}{body}").as_bytes(), &mut Vec::new()).await
}

/// One request and its answer on a kept connection; `buffer` is kept between requests.
pub async fn exchange(
    stream: &mut TcpStream,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> anyhow::Result<Answer> {
    stream.write_all(request).await?;
    buffer.clear();
    let (end_of_head, length) = loop {
        more(stream, buffer).await?;
        if let Some(at) = find(buffer, b"\r\n\r\n") {
            let head = std::str::from_utf8(buffer.get(..at).unwrap_or_default())?;
            break (at + 4, length(head)?);
        }
    };
    while buffer.len() < end_of_head + length {
        more(stream, buffer).await?;
    }
    let head = String::from_utf8_lossy(buffer.get(..end_of_head).unwrap_or_default()).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|text| text.parse().ok())
        .context("an answer without a status")?;
    let body = buffer
        .get(end_of_head..end_of_head + length)
        .unwrap_or_default()
        .to_vec();
    Ok(Answer { status, head, body })
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    if stream.read_buf(buffer).await? == 0 {
        bail!("the server closed the connection in the middle of an answer");
    }
    Ok(())
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn length(head: &str) -> anyhow::Result<usize> {
    header(head, "content-length")
        .and_then(|text| text.parse().ok())
        .context("an answer without content-length")
}

/// A header's value.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_in_any_case() {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nset-cookie: a=b; Path=/";
        assert_eq!(length(head).unwrap(), 12);
        assert_eq!(header(head, "Set-Cookie"), Some("a=b; Path=/"));
        assert!(length("HTTP/1.1 200 OK").is_err());
    }
}
