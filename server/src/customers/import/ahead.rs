//! The rows of a file on their way into the database. Several parts may be on the way at once: they share a commit, and with it
//! the pages that new rows fall on.

use super::{Fault, ImportRow, Summary, read};
use crate::customers::command::{CustomerImport, CustomersCommand};
use crate::door::{Actor, Door, Receipt};
use crate::kit::refusal::Stop;
use crate::rooms::Command;
use chrono_tz::Tz;
use std::collections::VecDeque;
use std::io::{Read, Seek};
use std::sync::mpsc::{Receiver, sync_channel};

/// Where the rows of a file go, and how many parts may be on the way.
pub struct Import<'a> {
    pub door: &'a Door,
    pub actor: &'a Actor,
    pub team_id: &'a str,
    pub shop_id: Option<&'a str>,
    /// Everybody else waits for as many parts as this.
    pub ahead: usize,
}

impl Import<'_> {
    /// Brings a file in. `arrived` hears how many rows are in the database for good, `faulty` each row that is left out.
    ///
    /// # Errors
    /// What [`read`], the door, `arrived` and `faulty` return. What had arrived stays.
    pub fn run<R: Read + Seek + Send>(
        &self,
        file: R,
        zone: Tz,
        arrived: &mut dyn FnMut(u64) -> Result<(), Stop>,
        faulty: &mut dyn FnMut(Fault) -> Result<(), Stop>,
    ) -> Result<Summary, Stop> {
        let mut on_the_way: VecDeque<(u64, Receiver<Result<Receipt, Stop>>)> = VecDeque::new();
        let mut land = |on_the_way: &mut VecDeque<(u64, Receiver<_>)>, most: usize| {
            while on_the_way.len() > most {
                let Some((rows, told)) = on_the_way.pop_front() else { break };
                told.recv().unwrap_or_else(|_| Err(Stop::Busy("the server stops".into())))?;
                arrived(rows)?;
            }
            Ok(())
        };
        let mut take = |rows: Vec<ImportRow>| {
            if !rows.is_empty() {
                on_the_way.push_back((rows.len() as u64, self.send(rows)));
            }
            land(&mut on_the_way, self.ahead)
        };
        let summary = read(file, zone, &mut take, faulty)?;
        land(&mut on_the_way, 0)?;
        Ok(summary)
    }

    fn send(&self, rows: Vec<ImportRow>) -> Receiver<Result<Receipt, Stop>> {
        let args = CustomerImport { team_id: self.team_id.to_owned(), shop_id: self.shop_id.map(str::to_owned), rows };
        let (tell, told) = sync_channel(1);
        let command = Command::Customers(CustomersCommand::CustomerImport(args));
        self.door.execute_ahead(self.actor, command, move |result| drop(tell.send(result)));
        told
    }
}
