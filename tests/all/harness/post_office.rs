//! A mail server that lives as long as the test.

use super::World;
use super::certificate::{Certificate, locked};
use dutyboard::mail::mailer::{Mailer, SmtpSettings};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// How the mail server behaves.
#[derive(Clone, Copy)]
pub enum Mood {
    /// Greets with "come back later".
    Away,
    /// Takes the whole message and then says nothing.
    Mute,
    /// Knows no such mailbox.
    Refusing,
    Open,
}

/// How its conversations are encrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    Clear,
    Implicit,
    StartTls,
}

pub struct PostOffice {
    pub url: String,
    /// PEM of the certificate that it shows; nobody knows it.
    pub certificate: String,
    /// The Message-ID of every message taken whole; nothing for those sent away, and for who does not trust the certificate.
    pub taken: Receiver<Option<String>>,
    mood: Arc<AtomicU8>,
}

/// What one conversation goes by.
struct Clerk {
    mood: u8,
    lock: Lock,
    keys: Arc<ServerConfig>,
    tell: Sender<Option<String>>,
}

impl PostOffice {
    pub fn open(mood: Mood, lock: Lock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let scheme = match lock {
            Lock::Clear => "smtp",
            Lock::Implicit => "smtps",
            Lock::StartTls => "smtp+starttls",
        };
        let Certificate { pem, keys } = Certificate::of(address.ip());
        let mood = Arc::new(AtomicU8::new(mood as u8));
        let (tell, taken) = channel();
        let current = mood.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let clerk = Clerk { mood: current.load(Ordering::SeqCst), lock, keys: keys.clone(), tell: tell.clone() };
                // A client that hangs up ends its conversation, which is no failure of the test.
                std::thread::spawn(move || drop(clerk.serve(stream)));
            }
        });
        PostOffice { url: format!("{scheme}://{address}"), certificate: pem, taken, mood }
    }

    pub fn become_(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }
}

impl Clerk {
    fn serve(&self, mut stream: TcpStream) -> Result<()> {
        if self.mood == Mood::Away as u8 {
            stream.write_all(b"421 come back later\r\n")?;
            let _ = self.tell.send(None);
            return Ok(());
        }
        match self.lock {
            Lock::Clear => self.talk(greeted(stream)?),
            Lock::Implicit => self.talk(greeted(self.locked(stream)?)?),
            Lock::StartTls => {
                let mut talk = greeted(stream)?;
                let mut line = String::new();
                talk.read_line(&mut line)?;
                talk.get_mut().write_all(b"250-desk.test\r\n250 STARTTLS\r\n")?;
                talk.read_line(&mut line)?;
                assert!(line.ends_with("STARTTLS\r\n"), "{line}");
                talk.get_mut().write_all(b"220 go on\r\n")?;
                self.talk(BufReader::new(self.locked(talk.into_inner())?))
            }
        }
    }

    fn locked(&self, stream: TcpStream) -> Result<StreamOwned<ServerConnection, TcpStream>> {
        locked(&self.keys, stream).inspect_err(|_| drop(self.tell.send(None)))
    }

    fn talk<S: Read + Write>(&self, mut talk: BufReader<S>) -> Result<()> {
        let mut command = String::new();
        while talk.read_line(&mut command)? > 0 {
            let verb = command.split([' ', ':', '\r']).next().unwrap_or_default().to_owned();
            command.clear();
            if verb == "RCPT" && self.mood == Mood::Refusing as u8 {
                talk.get_mut().write_all(b"550 5.1.1 no such mailbox\r\n")?;
                let _ = self.tell.send(None);
                continue;
            }
            if verb != "DATA" {
                talk.get_mut().write_all(b"250 ok\r\n")?;
                continue;
            }
            talk.get_mut().write_all(b"354 go on\r\n")?;
            let _ = self.tell.send(Some(message_id(&mut talk)?));
            if self.mood == Mood::Open as u8 {
                talk.get_mut().write_all(b"250 taken\r\n")?;
            }
        }
        Ok(())
    }
}

fn greeted<S: Read + Write>(mut stream: S) -> Result<BufReader<S>> {
    stream.write_all(b"220 desk.test\r\n")?;
    Ok(BufReader::new(stream))
}

/// Reads a message to its end.
fn message_id(talk: &mut impl BufRead) -> Result<String> {
    let (mut id, mut line) = (String::new(), String::new());
    while talk.read_line(&mut line)? > 0 && line != ".\r\n" {
        if let Some(rest) = line.strip_prefix("Message-ID:") {
            id = rest.trim().to_owned();
        }
        line.clear();
    }
    Ok(id)
}

/// Lets a world send to a server that says "come back later", and something happen while the mail is on its way.
pub fn turned_away(world: &mut World, meanwhile: impl FnOnce(&World) + Send, sends: impl FnOnce(&World)) {
    let office = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("smtp://{}", office.local_addr().expect("an address"));
    let settings = SmtpSettings { url, from: "desk@example.com".into(), timeout_s: 20, ..SmtpSettings::default() };
    let mut mailer = Mailer::smtp(&settings).expect("settings");
    let mut swap = |world: &mut World| {
        std::mem::swap(&mut Arc::get_mut(&mut world.app).expect("nobody else has it").mailer, &mut mailer);
    };
    swap(world);
    std::thread::scope(|scope| {
        let world = &*world;
        scope.spawn(move || {
            let (mut line, _) = office.accept().expect("it is on its way");
            meanwhile(world);
            line.write_all(b"421 come back later\r\n").expect("said");
        });
        sends(world);
    });
    swap(world);
}
