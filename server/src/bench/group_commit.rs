//! The quickest honest way to write single rows to SQLite: one thread takes everything that waits into one transaction, each
//! row behind a savepoint of its own, and answers after the commit.

use super::baseline::{ROWS, bench_row};
use crate::db::AnyConnection;
use crate::kit::refusal::Stop;
use crate::upsert;
use bytes::Bytes;
use diesel::prelude::*;
use std::sync::mpsc;
use tokio::sync::oneshot;

/// One transaction takes no more than this, so that the first to wait does not wait for all.
const AT_ONCE: usize = 256;

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = bench_row)]
struct Row<'a> {
    id: i64,
    body: &'a str,
}

struct Write {
    row: Bytes,
    done: oneshot::Sender<bool>,
}

#[derive(Clone)]
pub struct Commits(mpsc::Sender<Write>);

impl Commits {
    /// True once the row is on the disk.
    pub async fn write(&self, row: Bytes) -> bool {
        let (done, written) = oneshot::channel();
        self.0.send(Write { row, done }).is_ok() && written.await.unwrap_or(false)
    }
}

/// Starts the writing thread; it ends with the last `Commits`.
pub fn start(mut conn: AnyConnection) -> Commits {
    let (sender, waiting) = mpsc::channel();
    std::thread::spawn(move || {
        let mut next_id = 0;
        while let Ok(first) = waiting.recv() {
            let batch: Vec<Write> = std::iter::once(first).chain(waiting.try_iter().take(AT_ONCE - 1)).collect();
            let written = commit(&mut conn, &batch, &mut next_id).is_ok();
            for write in batch {
                // Whoever asked may be gone.
                let _ = write.done.send(written);
            }
        }
    });
    Commits(sender)
}

/// Rows are updated in turn: a table of a fixed size, as the wire rows of a board are.
fn commit(conn: &mut AnyConnection, batch: &[Write], next_id: &mut usize) -> Result<(), Stop> {
    conn.transaction(|conn| {
        for write in batch {
            let text = std::str::from_utf8(&write.row).map_err(Stop::fault)?;
            *next_id = (*next_id + 1) % ROWS;
            let row = Row { id: *next_id as i64, body: text };
            conn.transaction(|conn| {
                upsert!(conn, bench_row::table, row.id, &row);
                Ok::<_, Stop>(())
            })?;
        }
        Ok(())
    })
}
