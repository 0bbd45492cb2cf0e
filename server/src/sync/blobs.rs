//! Blobs: photos and files by their SHA-256. Who sees a row that names the hash may read it; its uploader always may.

use crate::db::AnyConnection;
use crate::db::schema::{blob, blob_ref, sync_member};
use crate::door::Tx;
use crate::kit::hex::hex;
use crate::kit::refusal::{Code, Refusal, Stop};
use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use bytes::Bytes;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

pub const SIZE_MAX: usize = 8 * 1024 * 1024;
pub const MIMES: [&str; 4] = ["image/jpeg", "image/png", "image/webp", "application/pdf"];

/// The body of an upload.
///
/// # Errors
/// `too_large` beyond what a body may be, `bad_request` for one that breaks off.
pub fn body(body: Result<Bytes, actix_web::Error>) -> Result<Bytes, Stop> {
    body.map_err(|error| {
        let is_large = error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE;
        let code = if is_large { Code::TooLarge } else { Code::BadRequest };
        Refusal::because(code, error.to_string()).into()
    })
}

/// What the sender says that it is.
pub fn mime(request: &HttpRequest) -> String {
    request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned()
}

/// The name of a file: its SHA-256 in lower-case hex.
pub fn name_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Checks what was uploaded against its name.
///
/// # Errors
/// `bad_value` for a name that is no SHA-256, `unsupported_media`, `too_large`, `hash_mismatch`.
pub fn check(sha256: &str, mime: &str, bytes: &[u8]) -> Result<(), Refusal> {
    check_name(sha256)?;
    if !MIMES.contains(&mime) {
        return Err(Refusal::because(Code::UnsupportedMedia, MIMES.join(", ")));
    }
    if bytes.len() > SIZE_MAX {
        return Err(Code::TooLarge.into());
    }
    if !begins_as(mime, bytes) {
        return Err(Refusal::because(Code::UnsupportedMedia, "the bytes are of another type"));
    }
    if name_of(bytes) == sha256 { Ok(()) } else { Err(Code::HashMismatch.into()) }
}

/// Whether a file begins as its type does: nothing else is kept under the name of a picture.
fn begins_as(mime: &str, bytes: &[u8]) -> bool {
    match mime {
        "image/jpeg" => bytes.starts_with(b"\xff\xd8\xff"),
        "image/png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "image/webp" => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
        "application/pdf" => bytes.starts_with(b"%PDF-"),
        _ => false,
    }
}

/// # Errors
/// `bad_value` for anything but 64 lower-case hex digits.
pub fn check_name(sha256: &str) -> Result<(), Refusal> {
    let hex = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if hex { Ok(()) } else { Err(Refusal::because(Code::BadValue, "sha256")) }
}

/// Stores a checked blob; storing it again changes nothing. True when it was new.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn store(
    conn: &mut AnyConnection,
    workspace_id: &str,
    user_id: &str,
    sha256: &str,
    mime: &str,
    bytes: &[u8],
    now: i64,
) -> Result<bool, Stop> {
    // A write first, so that two uploads of the same file queue up instead of failing.
    // Whoever sends a file again is about to name it: its days start anew.
    let again = (blob::mime.eq(mime), blob::created_at.eq(now));
    let known = diesel::update(blob::table.find((workspace_id, sha256))).set(again).execute(conn)? > 0;
    if known {
        return Ok(false);
    }
    let row = (
        blob::workspace_id.eq(workspace_id),
        blob::sha256.eq(sha256),
        blob::size.eq(i64::try_from(bytes.len()).map_err(Stop::fault)?),
        blob::mime.eq(mime),
        blob::created_by.eq(user_id),
        blob::created_at.eq(now),
        blob::bytes.eq(bytes),
    );
    diesel::insert_into(blob::table).values(row).execute(conn)?;
    Ok(true)
}

/// Type and bytes, when the caller may see them; otherwise it is as if the blob did not exist.
///
/// # Errors
/// `not_found`.
pub fn read(
    conn: &mut AnyConnection,
    workspace_id: &str,
    user_id: &str,
    buckets: &[String],
    sha256: &str,
) -> Result<(String, Vec<u8>), Stop> {
    let (creator, mime, bytes): (String, String, Vec<u8>) = blob::table
        .find((workspace_id, sha256))
        .select((blob::created_by, blob::mime, blob::bytes))
        .get_result(conn)
        .optional()?
        .ok_or(Stop::from(Code::NotFound))?;
    let keys =
        blob_ref::table.filter(blob_ref::workspace_id.eq(workspace_id)).filter(blob_ref::sha256.eq(sha256)).select(blob_ref::key);
    let shown = sync_member::table
        .filter(sync_member::workspace_id.eq(workspace_id))
        .filter(sync_member::bucket.eq_any(buckets))
        .filter(sync_member::key.eq_any(keys))
        .filter(sync_member::present.eq(true));
    let visible = creator == user_id || diesel::select(diesel::dsl::exists(shown)).get_result(conn)?;
    if visible { Ok((mime, bytes)) } else { Err(Code::NotFound.into()) }
}

/// Type and size (bytes) of a stored file.
///
/// # Errors
/// `not_found`.
pub fn known(conn: &mut AnyConnection, workspace_id: &str, sha256: &str) -> Result<(String, i64), Stop> {
    let row = blob::table.find((workspace_id, sha256)).select((blob::mime, blob::size)).get_result(conn).optional()?;
    row.ok_or_else(|| Code::NotFound.into())
}

/// The bytes, for a room that has itself decided who may see them.
///
/// # Errors
/// `not_found`.
pub fn bytes(conn: &mut AnyConnection, workspace_id: &str, sha256: &str) -> Result<Vec<u8>, Stop> {
    let bytes = blob::table.find((workspace_id, sha256)).select(blob::bytes).get_result(conn).optional()?;
    bytes.ok_or_else(|| Code::NotFound.into())
}

/// Says that a row names a file, so that it is kept.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn name(tx: &mut Tx<'_>, sha256: &str, key: &str) -> Result<(), Stop> {
    let row = (blob_ref::workspace_id.eq(tx.workspace_id()), blob_ref::sha256.eq(sha256), blob_ref::key.eq(key));
    let known = diesel::select(diesel::dsl::exists(blob_ref::table.find((tx.workspace_id(), sha256, key))));
    if !known.get_result::<bool>(tx.conn())? {
        diesel::insert_into(blob_ref::table).values(row).execute(tx.conn())?;
    }
    tx.changed();
    Ok(())
}

/// The row names it no longer; bytes that nobody names are gone at once.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn unname(tx: &mut Tx<'_>, sha256: &str, key: &str) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    diesel::delete(blob_ref::table.find((workspace_id, sha256, key))).execute(tx.conn())?;
    let named = blob_ref::table.filter(blob_ref::workspace_id.eq(workspace_id)).filter(blob_ref::sha256.eq(sha256));
    if !diesel::select(diesel::dsl::exists(named)).get_result::<bool>(tx.conn())? {
        diesel::delete(blob::table.find((workspace_id, sha256))).execute(tx.conn())?;
    }
    tx.changed();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_must_be_what_its_name_says() {
        let pdf = b"%PDF-1.7";
        let name = hex(&Sha256::digest(pdf));
        let code = |result: Result<(), Refusal>| result.err().map(|refusal| refusal.code);
        assert_eq!(code(check(&name, "application/pdf", pdf)), None);
        assert_eq!(code(check(&name, "application/pdf", b"%PDF-1.6")), Some(Code::HashMismatch));
        assert_eq!(code(check(&name, "text/html", pdf)), Some(Code::UnsupportedMedia));
        assert_eq!(code(check(&name, "image/png", &vec![0; SIZE_MAX + 1])), Some(Code::TooLarge));
        for bad in ["", "abc", &name.to_uppercase(), "../../../etc/passwd"] {
            assert_eq!(code(check(bad, "application/pdf", pdf)), Some(Code::BadValue), "{bad}");
        }
    }

    #[test]
    fn bytes_must_begin_as_their_type_does() {
        let begins: [(&str, &[u8]); 4] = [
            ("image/jpeg", b"\xff\xd8\xff\xe0"),
            ("image/png", b"\x89PNG\r\n\x1a\n"),
            ("image/webp", b"RIFF\0\0\0\0WEBPVP8 "),
            ("application/pdf", b"%PDF-1.7"),
        ];
        for (at, (_, bytes)) in begins.iter().enumerate() {
            for (other, (mime, _)) in begins.iter().enumerate() {
                assert_eq!(begins_as(mime, bytes), at == other, "{mime} {bytes:?}");
            }
        }
        assert!(begins.iter().all(|(mime, _)| MIMES.contains(mime) && !begins_as(mime, b"") && !begins_as(mime, b"<html>")));
    }
}
