//! A keep-alive HTTP/1.1 connection that costs the generator as little as possible: requests are ready-made bytes, of the answer
//! only status, length and body are read, buffers are used again.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;

/// A server that says nothing for so long is broken.
const PATIENCE: Duration = Duration::from_secs(60);
const FIRST_ROOM: usize = 4096;

pub struct Line {
    stream: TcpStream,
    /// The last answer: head and body as they came; chunks are joined.
    buffer: Vec<u8>,
    filled: usize,
    body: std::ops::Range<usize>,
}

/// What an answer's head says.
struct Head {
    status: u16,
    /// Where the body begins.
    end: usize,
    /// None: chunked.
    length: Option<usize>,
}

impl Line {
    /// # Errors
    /// The system's, when nobody listens.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Line { stream, buffer: vec![0; FIRST_ROOM], filled: 0, body: 0..0 })
    }

    /// Sends bytes and reads the whole answer. Returns its status; `body` holds the rest.
    ///
    /// # Errors
    /// The system's, when the connection breaks; `InvalidData` when the answer is not HTTP; `TimedOut` after a minute.
    pub async fn exchange(&mut self, request: &[u8]) -> io::Result<u16> {
        self.send(request).await?;
        tokio::time::timeout(PATIENCE, self.receive()).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// # Errors
    /// The system's, when the connection breaks.
    pub async fn send(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.stream.try_write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.stream.writable().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    pub fn body(&self) -> &[u8] {
        &self.buffer[self.body.clone()]
    }

    /// The value of a header of the last answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        value_of(std::str::from_utf8(&self.buffer[..self.body.start]).ok()?, name)
    }

    async fn receive(&mut self) -> io::Result<u16> {
        self.filled = 0;
        let head = loop {
            self.more().await?;
            if let Some(head) = parse_head(&self.buffer[..self.filled])? {
                break head;
            }
        };
        match head.length {
            Some(length) => {
                self.body = head.end..head.end + length;
                if self.buffer.len() < self.body.end {
                    self.buffer.resize(self.body.end, 0);
                }
                while self.filled < self.body.end {
                    self.more().await?;
                }
            }
            None => {
                while join_chunks(&self.buffer[head.end..self.filled])?.is_none() {
                    self.more().await?;
                }
                let joined = join_chunks(&self.buffer[head.end..self.filled])?.unwrap_or_default();
                self.body = head.end..head.end + joined.len();
                self.buffer[self.body.clone()].copy_from_slice(&joined);
            }
        }
        Ok(head.status)
    }

    /// Waits for the next bytes.
    async fn more(&mut self) -> io::Result<()> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        self.filled += self.read_at(self.filled).await?;
        Ok(())
    }

    async fn read_at(&mut self, at: usize) -> io::Result<usize> {
        loop {
            self.stream.readable().await?;
            match self.stream.try_read(&mut self.buffer[at..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                other => return other,
            }
        }
    }

    /// For an answer that never ends: the next bytes of it, as they come.
    ///
    /// # Errors
    /// `UnexpectedEof` when the server ends it, the system's otherwise.
    pub async fn next(&mut self) -> io::Result<&[u8]> {
        let count = self.read_at(0).await?;
        Ok(&self.buffer[..count])
    }

    /// Gives back what a line that only listens does not need.
    pub fn shrink(&mut self, room: usize) {
        self.buffer = vec![0; room];
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn value_of<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// None while the head is not whole.
fn parse_head(bytes: &[u8]) -> io::Result<Option<Head>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&bytes[..end]).map_err(|_| wrong("head"))?;
    let status = text.get(9..12).and_then(|digits| digits.parse().ok()).ok_or_else(|| wrong("status"))?;
    let length = match value_of(text, "content-length") {
        Some(digits) => Some(digits.parse().map_err(|_| wrong("content-length"))?),
        None if value_of(text, "transfer-encoding").is_some() => None,
        None => Some(0),
    };
    Ok(Some(Head { status, end: end + 4, length }))
}

/// None while the last chunk is missing.
fn join_chunks(mut bytes: &[u8]) -> io::Result<Option<Vec<u8>>> {
    let mut joined = Vec::new();
    loop {
        let Some(end) = bytes.windows(2).position(|window| window == b"\r\n") else { return Ok(None) };
        let size = std::str::from_utf8(&bytes[..end]).ok().and_then(|digits| usize::from_str_radix(digits.trim(), 16).ok());
        let size = size.ok_or_else(|| wrong("chunk"))?;
        let Some(chunk) = bytes.get(end + 2..end + 2 + size) else { return Ok(None) };
        joined.extend_from_slice(chunk);
        let Some(rest) = bytes.get(end + 4 + size..) else { return Ok(None) };
        if size == 0 {
            return Ok(Some(joined));
        }
        bytes = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_as_they_come() {
        let text = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: x\r\ncontent-LENGTH: 12\r\n\r\nbody";
        assert!(parse_head(&text[..40]).unwrap().is_none());
        let head = parse_head(text).unwrap().unwrap();
        assert_eq!((head.status, head.length, head.end), (503, Some(12), text.len() - 4));
        let chunked = parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").unwrap().unwrap();
        assert_eq!(chunked.length, None);
        assert_eq!(parse_head(b"HTTP/1.1 204 No Content\r\nx: y\r\n\r\n").unwrap().unwrap().length, Some(0));
        assert!(parse_head(b"HTTP/1.1 abc\r\n\r\n").is_err());
    }

    #[test]
    fn chunks_are_joined_when_the_last_is_there() {
        let whole = b"4\r\nabcd\r\nA\r\n0123456789\r\n0\r\n\r\n";
        assert_eq!(join_chunks(whole).unwrap().unwrap(), b"abcd0123456789");
        for cut in 0..whole.len() {
            assert!(join_chunks(&whole[..cut]).unwrap().is_none(), "{cut}");
        }
        assert!(join_chunks(b"zz\r\n").is_err());
    }
}
