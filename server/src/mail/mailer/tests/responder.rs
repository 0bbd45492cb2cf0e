//! A tiny SMTP server for one conversation, and a folder that removes itself.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;

/// What the client said.
#[derive(Default)]
pub struct Heard {
    pub commands: Vec<String>,
    /// The message with dot-stuffing undone.
    pub data: String,
}

/// Answers one connection like an ordinary server, except where `special` gives another reply for a verb (`HELLO` is the greeting,
/// `.` the end of the message). An empty reply is silence until the client leaves.
pub struct Responder {
    address: SocketAddr,
    conversation: JoinHandle<Heard>,
}

impl Responder {
    pub fn start(special: impl Fn(&str) -> Option<String> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let conversation = std::thread::spawn(move || {
            let mut heard = Heard::default();
            let (stream, _) = listener.accept().unwrap();
            // The client may hang up at any moment: that ends the conversation and is no failure of the test.
            let _ = converse(stream, special, &mut heard);
            heard
        });
        Self { address, conversation }
    }

    pub fn url(&self, scheme: &str, query: &str) -> String {
        format!("{scheme}://{}{query}", self.address)
    }

    /// Waits for the end of the conversation.
    pub fn finish(self) -> Heard {
        self.conversation.join().unwrap()
    }
}

fn converse(stream: TcpStream, special: impl Fn(&str) -> Option<String>, heard: &mut Heard) -> std::io::Result<()> {
    let mut replies = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    let mut answer = |verb: &str| {
        let usual = || match verb {
            "HELLO" => "220 desk.test\r\n".to_owned(),
            "DATA" => "354 go on\r\n".to_owned(),
            "QUIT" => "221 bye\r\n".to_owned(),
            _ => "250 2.0.0 ok\r\n".to_owned(),
        };
        let reply = special(verb).unwrap_or_else(usual);
        replies.write_all(reply.as_bytes()).map(|()| reply)
    };
    answer("HELLO")?;
    while let Some(command) = lines.next().transpose()? {
        let verb = command.split([' ', ':']).next().unwrap_or_default().to_owned();
        heard.commands.push(command);
        if answer(&verb)?.starts_with("354") {
            while let Some(line) = lines.next().transpose()?.filter(|line| line != ".") {
                heard.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                heard.data.push_str("\r\n");
            }
            answer(".")?;
        }
    }
    Ok(())
}

/// A new empty folder, removed with its contents at the end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static SERIAL: AtomicU32 = AtomicU32::new(0);
        let name = format!("dutyboard-mail-{}-{}", std::process::id(), SERIAL.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
