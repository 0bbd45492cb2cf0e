//! Identifiers: UUIDv7 text made by whoever creates the row (usually a phone), so that nothing waits for a server.

use super::refusal::{Code, Refusal};
use uuid::Uuid;

/// A fresh UUIDv7, lower-case with hyphens.
pub fn fresh() -> String {
    Uuid::now_v7().to_string()
}

/// The same inputs give the same id: for rows that the system makes and must never make twice.
pub fn derived(parts: &[&str]) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, parts.join("\u{1f}").as_bytes()).to_string()
}

/// Accepts only the canonical lower-case form, so that one row cannot have two spellings.
///
/// # Errors
/// `bad_value` for anything else.
pub fn check(id: &str) -> Result<(), Refusal> {
    let canonical = Uuid::try_parse(id).is_ok_and(|uuid| uuid.hyphenated().to_string() == id);
    if canonical { Ok(()) } else { Err(Refusal::because(Code::BadValue, "not a lower-case UUID")) }
}
