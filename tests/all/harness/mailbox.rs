//! A mailbox on an IMAP server that lives as long as the test: the few commands that a reader of it needs.

use super::certificate::{Certificate, locked};
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

pub const USER: &str = "back@shop.example";
pub const PASSWORD: &str = "a \"good\" one";

struct Letter {
    raw: Vec<u8>,
    is_seen: bool,
}

pub struct Mailbox {
    pub url: String,
    /// PEM of the certificate that it shows.
    pub certificate: String,
    letters: Arc<Mutex<Vec<Letter>>>,
}

impl Mailbox {
    /// Behind TLS, or in the clear.
    pub fn open(is_locked: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let Certificate { pem, keys } = Certificate::of(address.ip());
        let letters: Arc<Mutex<Vec<Letter>>> = Arc::default();
        let lying = letters.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (keys, letters) = (keys.clone(), lying.clone());
                // A client that hangs up ends its conversation, which is no failure of the test.
                std::thread::spawn(move || {
                    drop(if is_locked {
                        locked(&keys, stream).and_then(|stream| serve(stream, &letters))
                    } else {
                        serve::<TcpStream>(stream, &letters)
                    });
                });
            }
        });
        let scheme = if is_locked { "imaps" } else { "imap" };
        Mailbox { url: format!("{scheme}://{address}/Back"), certificate: pem, letters }
    }

    pub fn lay(&self, raw: &[u8]) {
        self.all().push(Letter { raw: raw.to_owned(), is_seen: false });
    }

    pub fn unseen(&self) -> usize {
        self.all().iter().filter(|letter| !letter.is_seen).count()
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Letter>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve<S: Read + Write>(mut stream: S, letters: &Mutex<Vec<Letter>>) -> Result<()> {
    stream.write_all(b"* OK desk.test\r\n")?;
    let mut talk = BufReader::new(stream);
    let (mut line, mut is_known, mut has_name) = (String::new(), false, false);
    while talk.read_line(&mut line)? > 0 {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or((line.trim_end(), ""));
        let mut letters = letters.lock().unwrap_or_else(PoisonError::into_inner);
        let (said, end): (Vec<u8>, &str) = match command.split(' ').next().unwrap_or_default() {
            "CAPABILITY" => (b"* CAPABILITY IMAP4rev1 ID\r\n".to_vec(), "OK"),
            "LOGIN" => {
                is_known = command == format!("LOGIN \"{USER}\" \"{}\"", PASSWORD.replace('"', "\\\""));
                (Vec::new(), if is_known { "OK" } else { "NO wrong password of back@shop.example" })
            }
            "LOGOUT" => (b"* BYE\r\n".to_vec(), "OK"),
            _ if !is_known => (Vec::new(), "NO log in first"),
            "ID" => {
                has_name = true;
                (b"* ID NIL\r\n".to_vec(), "OK")
            }
            "SELECT" if command == "SELECT \"Back\"" && has_name => {
                (format!("* {} EXISTS\r\n* FLAGS (\\Seen)\r\n", letters.len()).into_bytes(), "OK [READ-WRITE]")
            }
            "UID" => uid(&command["UID ".len()..], &mut letters),
            _ => (Vec::new(), "NO"),
        };
        drop(letters);
        talk.get_mut().write_all(&said)?;
        talk.get_mut().write_all(format!("{tag} {end} done\r\n").as_bytes())?;
        line.clear();
    }
    Ok(())
}

/// `SEARCH UNSEEN`, `FETCH n (UID BODY.PEEK[]<0.m>)`, `STORE n +FLAGS.SILENT (\Seen)`; a letter's UID is ten times its place.
fn uid(command: &str, letters: &mut [Letter]) -> (Vec<u8>, &'static str) {
    let words: Vec<&str> = command.split(' ').collect();
    if command == "SEARCH UNSEEN" {
        let unseen = letters.iter().zip(1..).filter(|(letter, _)| !letter.is_seen);
        let uids: String = unseen.map(|(_, place): (_, usize)| format!(" {}", place * 10)).collect();
        return (format!("* SEARCH{uids}\r\n").into_bytes(), "OK");
    }
    let place = words.get(1).and_then(|uid| uid.parse::<usize>().ok()).unwrap_or_default() / 10;
    let Some(letter) = letters.get_mut(place.wrapping_sub(1)) else { return (Vec::new(), "BAD") };
    match (words[0], words[2]) {
        ("FETCH", "(UID") => {
            let asked = words[3].trim_start_matches("BODY.PEEK[]<0.").trim_end_matches(">)");
            let raw = &letter.raw[..letter.raw.len().min(asked.parse().unwrap_or(0))];
            let head = format!("* {place} FETCH (UID {} BODY[]<0> {{{}}}\r\n", place * 10, raw.len());
            ([head.as_bytes(), raw, b")\r\n"].concat(), "OK")
        }
        ("STORE", "+FLAGS.SILENT") if words[3] == "(\\Seen)" => {
            letter.is_seen = true;
            (Vec::new(), "OK")
        }
        _ => (Vec::new(), "BAD"),
    }
}
