//! Somebody else's server: takes what is posted to it and answers what the test wants.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// A request as it came in; names of headers in lower case.
#[derive(Debug)]
pub struct Posted {
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Posted {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// A parameter of the query, as it stands there.
    pub fn query(&self, name: &str) -> String {
        let (_, query) = self.path.split_once('?').expect("a query");
        let found = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name);
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    }
}

type Answers = Arc<Mutex<VecDeque<(u16, &'static str)>>>;

pub struct Outside {
    pub url: String,
    posted: Receiver<Posted>,
    answers: Answers,
}

impl Outside {
    /// Answers 200 and `usual` when nothing else was asked for.
    pub fn open(usual: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answers = Answers::default();
        let (tell, posted) = channel();
        let queue = answers.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Who hangs up ends the conversation, which is no failure of the test.
                let _ = converse(&stream, &queue, usual, &tell);
            }
        });
        Outside { url, posted, answers }
    }

    /// The next answer, before the usual ones.
    pub fn answer(&self, status: u16, body: &'static str) {
        self.answers.lock().expect("the queue").push_back((status, body));
    }

    /// Everything that came in since the last look.
    pub fn posted(&self) -> Vec<Posted> {
        self.posted.try_iter().collect()
    }
}

fn converse(mut stream: &TcpStream, answers: &Answers, usual: &'static str, tell: &Sender<Posted>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (status, words) = answers.lock().expect("the queue").pop_front().unwrap_or((200, usual));
    let _ = tell.send(Posted { path, headers, body });
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n", words.len());
    // A redirect leads back here: it must not be followed.
    let location = if status == 302 { "Location: /elsewhere\r\n" } else { "" };
    stream.write_all(format!("{head}{location}\r\n{words}").as_bytes())
}
