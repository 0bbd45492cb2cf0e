//! The server's key in a backup. Cookies and tokens are signed with it: restored without it, a server would take every phone
//! for a stranger.

use crate::auth::keys;
use crate::config::Config;
use crate::kit::hex::hex;
use crate::kit::refusal::Stop;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The key is a setting, or the same already.
    Untouched,
    PutBack,
    /// Another key was there and is kept under this name.
    Replaced(PathBuf),
}

/// The key as a backup carries it; none when it is a setting or was never made.
///
/// # Errors
/// `Fault` when the file cannot be read.
pub fn of(config: &Config) -> Result<Option<String>, Stop> {
    if config.jwt_key.is_some() {
        return Ok(None);
    }
    match std::fs::read(config.data.join(keys::NAME)) {
        Ok(bytes) => Ok(Some(hex(&bytes))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Stop::fault(error)),
    }
}

/// Makes the backup's key the server's.
///
/// # Errors
/// `Fault` when the disk says no, or the key is none.
pub fn put_back(data: &Path, key: Option<&str>, stamp: &str) -> Result<Outcome, Stop> {
    let Some(key) = key else { return Ok(Outcome::Untouched) };
    let key = unhex(key).ok_or_else(|| Stop::fault("the key in the backup is none"))?;
    let path = data.join(keys::NAME);
    let known = match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(Stop::fault(error)),
    };
    match known {
        Some(bytes) if bytes == key => Ok(Outcome::Untouched),
        Some(_) => {
            let kept = data.join(format!("{}.before-{stamp}", keys::NAME));
            std::fs::rename(&path, &kept).map_err(Stop::fault)?;
            keys::write_private(&path, &key)?;
            Ok(Outcome::Replaced(kept))
        }
        None => keys::write_private(&path, &key).map(|()| Outcome::PutBack),
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] * 16 + pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back_as_it_was() {
        let key = [0, 9, 10, 0xab, 255];
        assert_eq!(unhex(&hex(&key)).as_deref(), Some(&key[..]));
        assert_eq!(unhex("abc"), None);
        assert_eq!(unhex("zz"), None);
    }
}
