//! Secrets of the server: made on the first run with owner-only file mode, or given by the environment.

use crate::kit::refusal::Stop;
use rand::RngCore;
use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;

const BYTES: usize = 32;

/// Where the key lives in the data folder.
pub const NAME: &str = "server.key";

/// Reads the key at `path`, making it when it is missing.
///
/// # Errors
/// `Fault` when the file cannot be read or written, or is too short to be a key.
pub fn load_or_make(path: &Path) -> Result<Vec<u8>, Stop> {
    let mut key = Vec::new();
    match std::fs::File::open(path) {
        Ok(mut file) => drop(file.read_to_end(&mut key).map_err(Stop::fault)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            key = random_bytes().to_vec();
            write_private(path, &key)?;
        }
        Err(error) => return Err(Stop::fault(error)),
    }
    if key.len() < BYTES { Err(Stop::fault(format!("{} is too short for a key", path.display()))) } else { Ok(key) }
}

/// Writes a file that only its owner may read; it must not be there yet.
///
/// # Errors
/// `Fault` when the disk says no.
pub fn write_private(path: &Path, key: &[u8]) -> Result<(), Stop> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(Stop::fault)?;
    file.write_all(key).and_then(|()| file.sync_all()).map_err(Stop::fault)
}

fn random_bytes() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A secret for a link or cookie: 256 random bits, URL-safe.
pub fn secret() -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random_bytes())
}

/// What is stored of a secret.
pub fn fingerprint(secret: &str) -> String {
    use sha2::Digest;
    crate::kit::hex::hex(&sha2::Sha256::digest(secret.as_bytes()))
}
