//! Keys made of one key, and requests from outside that prove by HMAC-SHA256 that they know a secret.

use super::hex::{hex, unhex};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// A signed request is believed for so long before and after the time it names (ms).
pub const TOLERANCE_MS: i64 = 5 * 60_000;

/// HMAC-SHA256.
pub fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    keyed(key, &[message]).finalize().into_bytes().to_vec()
}

/// A key for one use.
pub fn derive(secret: &[u8], purpose: &[u8]) -> Vec<u8> {
    hmac(secret, purpose)
}

/// What a request of this time (UTC ms) and body carries: `sha256=` and the MAC of `time.body` in lower-case hex.
pub fn sign(secret: &[u8], at: i64, body: &[u8]) -> String {
    let mac = keyed(secret, &[at.to_string().as_bytes(), b".", body]);
    format!("sha256={}", hex(&mac.finalize().into_bytes()))
}

/// Whether a signature is right and its time (UTC ms, in digits) is near. Takes as long for every wrong signature.
pub fn is_signed(secret: &[u8], at: &str, signature: &str, body: &[u8], now: i64) -> bool {
    let near = at.parse::<i64>().is_ok_and(|at| at.abs_diff(now) <= TOLERANCE_MS.unsigned_abs());
    let given = signature.strip_prefix("sha256=").and_then(unhex);
    near && given.is_some_and(|given| keyed(secret, &[at.as_bytes(), b".", body]).verify_slice(&given).is_ok())
}

fn keyed(secret: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    parts.iter().for_each(|part| mac.update(part));
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &[u8] = b"a secret of the tests";
    const NOW: i64 = 1_795_000_000_000;
    const EXPECTED: &str = "sha256=7e8c513733af644edef9fb911f4141cb62a82b8de056f61a52bb3f953600a8e5";

    #[test]
    fn the_signature_is_the_one_that_others_compute() {
        // printf '1795000000000.{}' | openssl dgst -sha256 -hmac 'a secret of the tests'
        assert_eq!(sign(SECRET, NOW, b"{}"), EXPECTED);
        assert!(is_signed(SECRET, "1795000000000", EXPECTED, b"{}", NOW));
    }

    #[test]
    fn other_secrets_times_and_bodies_are_refused() {
        let (at, good) = (NOW.to_string(), sign(SECRET, NOW, b"body"));
        for now in [NOW - TOLERANCE_MS, NOW, NOW + TOLERANCE_MS] {
            assert!(is_signed(SECRET, &at, &good, b"body", now), "{now}");
        }
        for now in [NOW - TOLERANCE_MS - 1, NOW + TOLERANCE_MS + 1, i64::MIN, i64::MAX] {
            assert!(!is_signed(SECRET, &at, &good, b"body", now), "{now}");
        }
        assert!(!is_signed(b"another", &at, &good, b"body", NOW));
        assert!(!is_signed(SECRET, &(NOW + 1).to_string(), &good, b"body", NOW));
        assert!(!is_signed(SECRET, &at, &good, b"bodY", NOW));
        for wrong in ["", "sha256=", &good[..good.len() - 2], &good.to_uppercase(), &good["sha256=".len()..]] {
            assert!(!is_signed(SECRET, &at, wrong, b"body", NOW), "{wrong}");
        }
        for time in ["", "now", "-1", "99999999999999999999"] {
            assert!(!is_signed(SECRET, time, &good, b"body", NOW), "{time}");
        }
    }

    proptest! {
        #[test]
        fn nothing_from_outside_makes_it_stumble(at in ".{0,30}", signature in ".{0,90}", body: Vec<u8>, now: i64) {
            prop_assert!(!is_signed(SECRET, &at, &signature, &body, now));
        }
    }
}
