//! The real HTTP server of a world, on a free port in a thread of its own.

use super::client::Client;
use super::world::World;
use actix_web::dev::ServerHandle;
use dutyboard::app::serve::{bind, install_metrics};
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::SocketAddr;
use std::sync::{OnceLock, mpsc};
use std::thread::JoinHandle;

pub struct Running {
    pub address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

/// The recorder belongs to the process.
fn metrics() -> PrometheusHandle {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    METRICS.get_or_init(|| install_metrics().expect("the only recorder")).clone()
}

impl Running {
    pub fn start(world: &World) -> Self {
        let (app, metrics) = (world.app.clone(), metrics());
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let bound = bind(&app, metrics).expect("a free port");
                tell.send((bound.address, bound.server.handle())).expect("the test waits");
                bound.server.await.expect("the server");
            });
        });
        let (address, handle) = told.recv().expect("a running server");
        Running { address, handle, thread: Some(thread) }
    }

    /// A client that nobody has signed in.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// A client signed in as one of the cast.
    pub fn sign_in(&self, login: &str) -> Client {
        let mut client = self.client();
        let answer = client.login(login, super::PASSWORD);
        assert_eq!(answer.status, 200, "{login}: {}", answer.text());
        client
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The order to stop is given by the call itself.
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
