//! Passwords: argon2id with the crate's defaults (19 MiB, 2 passes), salted.

use crate::kit::gate::Gate;
use crate::kit::refusal::{Code, Refusal, Stop};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString, rand_core::OsRng};

/// A hash takes 19 MiB and a core for a while: so many at once, and so many waiting, before people are told to come back.
static TURNS: Gate = Gate::new(2, 64);

pub const LENGTH_MIN: usize = 10;
const LENGTH_MAX: usize = 256;

/// Words of this house that a guesser tries first; the login is one more.
const OWN_WORDS: [&str; 3] = ["dutyboard", "值班台", "zhibantai"];

/// Any characters will do, as long as it is not among the first million that a guesser tries: lists of passwords in use, words,
/// names, keyboard rows, dates, repetitions, and words of this house.
///
/// # Errors
/// `weak_password` when shorter than ten characters, absurdly long, easy to guess, or the login itself.
pub fn check_strength(password: &str, login: &str) -> Result<(), Refusal> {
    let length = password.chars().count();
    let fits = (LENGTH_MIN..=LENGTH_MAX).contains(&length) && !password.trim().eq_ignore_ascii_case(login);
    let known: Vec<&str> = OWN_WORDS.into_iter().chain([login]).collect();
    let guessable = || zxcvbn::zxcvbn(password, &known).score() < zxcvbn::Score::Two;
    if fits && !guessable() { Ok(()) } else { Err(Code::WeakPassword.into()) }
}

/// # Errors
/// `Fault` when the hasher fails, `Busy` when too many wait for theirs.
pub fn hash(password: &str) -> Result<String, Stop> {
    let salt = SaltString::generate(&mut OsRng);
    let hash = || argon2::Argon2::default().hash_password(password.as_bytes(), &salt).map(|hash| hash.to_string());
    TURNS.pass(hash)?.map_err(Stop::fault)
}

/// The hash of nothing anybody knows: what a login that does not exist is compared with.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$1V4Q5hrl0Q1e0p0kM7wE0m9m0o8bT3pJmQm1X0c2n3s";

/// Takes equally long whether or not there is a stored hash, so that nobody learns which logins exist.
///
/// # Errors
/// `Busy` when too many wait for theirs.
pub fn verify(password: &str, stored: Option<&str>) -> Result<bool, Stop> {
    if password.len() > LENGTH_MAX * 4 {
        return Ok(false);
    }
    let compare = |hash: PasswordHash<'_>| argon2::Argon2::default().verify_password(password.as_bytes(), &hash).is_ok();
    let matches = TURNS.pass(|| PasswordHash::new(stored.unwrap_or(NOBODY)).is_ok_and(compare))?;
    Ok(matches && stored.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_opens() {
        let stored = hash("correct horse").unwrap();
        assert!(verify("correct horse", Some(&stored)).unwrap());
        assert!(!verify("wrong horse", Some(&stored)).unwrap());
        assert!(!verify("correct horse", None).unwrap());
        assert_ne!(stored, hash("correct horse").unwrap());
    }

    #[test]
    fn an_unknown_login_costs_the_same_work() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let somebody = hash("correct horse").unwrap();
        assert_eq!(nobody.params, PasswordHash::new(&somebody).unwrap().params);
        assert_eq!(nobody.hash.unwrap().len(), 32);
    }

    #[test]
    fn weak_passwords_are_refused() {
        assert!(check_strength("long enough", "ann").is_ok());
        assert!(check_strength("夜班客服组长的密码啊", "ann").is_ok());
        for weak in ["short", "", &"x".repeat(257)] {
            assert!(check_strength(weak, "ann").is_err(), "{weak}");
        }
        assert!(check_strength("Long.Login.Name", "long.login.name").is_err());
        for guessed in [
            "1234567890",
            "passwordpassword",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "abcdefghij",
            "20260302",
            "dutyboard1",
            "iloveyou123",
        ] {
            assert!(check_strength(guessed, "li.si").is_err(), "{guessed}");
        }
        assert!(check_strength(&"correct-horse-battery".repeat(12), "ann").is_ok(), "long ones are welcome");
    }
}
