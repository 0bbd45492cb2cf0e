//! A small HTTP client over the standard library: one connection per request, cookies of one site, and nothing that hides a
//! malformed request from the server.

use serde_json::{Value, json};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The stable code of a problem body; also sees to it that it is one.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{} {}", self.status, self.text());
        let body = self.json();
        assert_eq!(body["status"], self.status, "{body}");
        assert!(body["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{body}");
        body["code"].as_str().expect("a code").to_owned()
    }
}

#[derive(Debug, Clone)]
pub struct Client {
    pub address: SocketAddr,
    pub token: Option<String>,
    /// The refresh cookie's value.
    pub refresh: Option<String>,
    pub device: String,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Client { address, token: None, refresh: None, device: String::new() }
    }

    /// Sends bytes as they are and reads until the answer is whole.
    pub fn raw(&self, bytes: &[u8]) -> io::Result<Answer> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.set_nodelay(true)?;
        // A server that says no early closes before all is sent; its answer still counts.
        let sent = stream.write_all(bytes);
        let (mut all, mut piece) = (Vec::new(), [0; 16 * 1024]);
        loop {
            let count = match stream.read(&mut piece) {
                Ok(count) => count,
                Err(error) => return sent.and(Err(error)),
            };
            all.extend_from_slice(&piece[..count]);
            if let Some(answer) = parse(&all) {
                return Ok(answer);
            }
            if count == 0 {
                return Err(io::Error::other(format!("no answer: {}", String::from_utf8_lossy(&all))));
            }
        }
    }

    pub fn try_send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address);
        let mut add = |name: &str, value: &str| head.push_str(&format!("{name}: {value}\r\n"));
        for (name, value) in headers {
            add(name, value);
        }
        let given = |name: &str| headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some(token) = self.token.as_ref().filter(|_| !given("authorization")) {
            add("Authorization", &format!("Bearer {token}"));
        }
        if let Some(refresh) = self.refresh.as_ref().filter(|_| !given("cookie")) {
            add("Cookie", &format!("dutyboard_refresh={refresh}"));
        }
        if !given("content-length") {
            add("Content-Length", &body.len().to_string());
        }
        head.push_str("\r\n");
        self.raw(&[head.as_bytes(), body].concat())
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.try_send(method, path, headers, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], b"")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("Content-Type", "application/json")], body.to_string().as_bytes())
    }

    pub fn command(&self, name: &str, args: Value) -> Answer {
        self.post("/api/v1/commands", &json!({ "name": name, "args": args }))
    }

    /// Posts to an auth endpoint and keeps what it hands out.
    pub fn enter(&mut self, path: &str, body: &Value) -> Answer {
        let answer = self.post(path, body);
        if answer.status == 200 {
            let session = answer.json();
            self.token = session["access_token"].as_str().map(str::to_owned);
            self.device = session["device_id"].as_str().unwrap_or_default().to_owned();
            self.refresh = answer.header("set-cookie").and_then(cookie_value);
        }
        answer
    }

    pub fn login(&mut self, login: &str, password: &str) -> Answer {
        self.enter("/api/auth/login", &json!({ "login": login, "password": password, "device_name": "test phone" }))
    }
}

fn cookie_value(header: &str) -> Option<String> {
    let (_, rest) = header.split_once("dutyboard_refresh=")?;
    Some(rest.split(';').next().unwrap_or_default().to_owned())
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let split = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let mut answer = Answer { status, headers: lines.filter_map(split).collect(), body: bytes[end + 4..].to_vec() };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = unchunk(&answer.body)?;
    } else if let Some(length) = answer.header("content-length") {
        // A cut answer is no answer.
        let length: usize = length.parse().ok()?;
        if answer.body.len() < length {
            return None;
        }
    }
    Some(answer)
}

fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(all);
        }
        all.extend_from_slice(bytes.get(end + 2..end + 2 + size)?);
        bytes = bytes.get(end + 4 + size..)?;
    }
}
