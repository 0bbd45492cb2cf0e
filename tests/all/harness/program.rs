//! The real program in a process of its own, for what only a process can show: being killed, being told to stop.

use super::Client;
use super::engine::{Engine, Scratch, setting};
use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// An address that nobody listens on.
pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

/// The program under test: given, or built beside these tests.
pub fn path() -> PathBuf {
    if let Some(path) = setting("DUTYBOARD_BIN") {
        return path.into();
    }
    let profile =
        std::env::current_exe().expect("this test").parent().and_then(|deps| deps.parent()).expect("target/debug").to_owned();
    static BUILT: std::sync::Once = std::sync::Once::new();
    BUILT.call_once(|| {
        let cargo = setting("CARGO").unwrap_or_else(|| "cargo".into());
        let target = profile.parent().expect("target");
        let release = profile.ends_with("release").then_some("--release");
        let done = Command::new(cargo)
            .args(["build", "--quiet", "-p", "dutyboard"])
            .args(release)
            .arg("--target-dir")
            .arg(target)
            .status();
        assert!(done.is_ok_and(|status| status.success()), "cargo build -p dutyboard");
    });
    profile.join("dutyboard")
}

/// A running server that is killed when it is dropped.
pub struct Program {
    child: Child,
    pub address: SocketAddr,
}

impl Program {
    pub fn start(scratch: &Scratch, address: SocketAddr) -> Self {
        Self::launch(scratch, address, &[], "error", Stdio::piped())
    }

    /// Starts it with more settings.
    pub fn start_with(scratch: &Scratch, address: SocketAddr, settings: &[(&str, &str)]) -> Self {
        Self::launch(scratch, address, settings, "error", Stdio::piped())
    }

    /// One that writes its log somewhere, from this level up.
    pub fn logging(scratch: &Scratch, address: SocketAddr, level: &str, log: Stdio) -> Self {
        Self::launch(scratch, address, &[], level, log)
    }

    fn launch(scratch: &Scratch, address: SocketAddr, settings: &[(&str, &str)], level: &str, log: Stdio) -> Self {
        let config = Engine::config(scratch);
        let mut command = Command::new(path());
        command.arg("serve").arg("--data").arg(&config.data).arg("--listen").arg(address.to_string());
        command.env("DUTYBOARD_JWT_KEY", config.jwt_key.expect("a key")).env("RUST_LOG", level);
        if let Some(url) = &config.database_url {
            command.env("DUTYBOARD_DATABASE_URL", url);
        }
        command.envs(settings.iter().copied());
        let child = command.stdout(Stdio::null()).stderr(log).spawn().expect("the program starts");
        let mut server = Program { child, address };
        server.wait_until_ready();
        server
    }

    #[allow(clippy::disallowed_methods, reason = "another process has no event to wait for")]
    fn wait_until_ready(&mut self) {
        for _ in 0..600 {
            if Client::new(self.address).try_send("GET", "/readyz", &[], b"").is_ok_and(|answer| answer.status == 200) {
                return;
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                let mut said = String::new();
                let _ = self.child.stderr.take().map(|mut pipe| pipe.read_to_string(&mut said));
                panic!("the server stopped ({status}): {said}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server does not get ready");
    }

    /// Asks it to stop, as a service manager does, and does not wait.
    pub fn terminate(&self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.is_ok_and(|status| status.success()), "kill -TERM");
    }

    /// Waits until it has stopped.
    pub fn exit(&mut self) -> ExitStatus {
        self.child.wait().expect("it is gone")
    }

    pub fn kill(&mut self) {
        self.child.kill().expect("kill -9");
        self.child.wait().expect("it is gone");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
