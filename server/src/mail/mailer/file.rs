//! The demo's mail folder: one `.eml` (for a mail program) and one `.json` (for the outbox page) per Message-ID.

use super::{Outgoing, Sent, fingerprint};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes both files. The `.json` comes last: the list reads only that, so it never shows half a mail.
pub(super) fn store(dir: &Path, mail: &Outgoing, eml: &[u8]) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    let stem = stem(&mail.message_id);
    let json = serde_json::to_vec_pretty(mail).map_err(io::Error::other)?;
    replace(dir, &format!("{stem}.eml"), eml)?;
    replace(dir, &format!("{stem}.json"), &json)?;
    File::open(dir)?.sync_all()
}

/// Newest first; two mails of the same millisecond in the order of their ids. Foreign files are passed over.
pub(super) fn list(dir: &Path) -> io::Result<Vec<Sent>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let mut mails = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json")
            && let Ok(mail) = serde_json::from_slice::<Sent>(&fs::read(&path)?)
        {
            mails.push(mail);
        }
    }
    mails.sort_by(|a, b| b.date_ms.cmp(&a.date_ms).then_with(|| b.message_id.cmp(&a.message_id)));
    Ok(mails)
}

/// A readable name that cannot leave the folder; the fingerprint keeps ids apart that look alike after cleaning.
fn stem(message_id: &str) -> String {
    let id = message_id.trim().trim_start_matches('<').trim_end_matches('>');
    let readable: String = id.chars().take(80).map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    format!("{readable}-{}", fingerprint(id))
}

/// Writes beside the target and renames, so a reader sees the old file or the new one.
fn replace(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    // Process and serial number: two servers on one folder, or two attempts at once, never share a half-written file.
    let draft = dir.join(format!(".{name}.{}.{}.tmp", std::process::id(), SERIAL.fetch_add(1, Ordering::Relaxed)));
    let written = File::create(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| fs::rename(&draft, dir.join(name)));
    if placed.is_err() {
        // The first error is the one to report; a draft that cannot be removed is hidden from the list anyway.
        let _ = fs::remove_file(&draft);
    }
    placed
}
