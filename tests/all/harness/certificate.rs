//! A certificate that nobody knows, for a server that lives as long as the test.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Error, Result};
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;

pub struct Certificate {
    pub pem: String,
    pub keys: Arc<ServerConfig>,
}

impl Certificate {
    pub fn of(address: IpAddr) -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([address.to_string()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a key");
        let keys = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("a certificate with its key");
        Certificate { pem: cert.pem(), keys: Arc::new(keys) }
    }
}

/// The server's side of a conversation behind its certificate; an error when the client does not trust it.
pub fn locked(keys: &Arc<ServerConfig>, mut stream: TcpStream) -> Result<StreamOwned<ServerConnection, TcpStream>> {
    let mut keys = ServerConnection::new(keys.clone()).map_err(Error::other)?;
    while keys.is_handshaking() {
        keys.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(keys, stream))
}
