//! The backup file: gzip'd JSON lines that either engine writes and either engine reads. A header (schema, tables and their
//! columns), batches of rows, and at the end the count and SHA-256 of every table. Without a right end it is no backup.

use crate::db::catalogue::Table;
use crate::db::copy::{Batch, Sum, Summing};
use crate::kit::refusal::Stop;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

const FORMAT: &str = "dutyboard backup 1";

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Header {
    pub format: String,
    /// Version of the last migration.
    pub schema: String,
    /// UTC ms.
    pub made_at: i64,
    /// Version of the program that wrote it.
    pub app: String,
    /// The server's own key, when it lives in the data folder: without it no phone would be known again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub tables: Vec<Shape>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    pub name: String,
    pub columns: Vec<String>,
    /// For progress; the end has the count that matters.
    pub rows: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Header(Header),
    Batch { table: String, rows: Vec<Box<RawValue>> },
    End(Vec<(String, Sum)>),
}

impl Header {
    pub fn new(schema: String, made_at: i64, key: Option<String>, tables: &[(Table, u64)]) -> Self {
        let shape = |(table, rows): &(Table, u64)| Shape { name: table.name.clone(), columns: table.column_names(), rows: *rows };
        Header {
            format: FORMAT.into(),
            schema,
            made_at,
            app: env!("CARGO_PKG_VERSION").into(),
            key,
            tables: tables.iter().map(shape).collect(),
        }
    }

    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

pub struct Scribe {
    out: GzEncoder<BufWriter<File>>,
}

impl Scribe {
    /// # Errors
    /// `Fault` when the disk says no.
    pub fn begin(file: File, header: Header) -> Result<Self, Stop> {
        let mut scribe = Scribe { out: GzEncoder::new(BufWriter::new(file), Compression::default()) };
        scribe.line(&Line::Header(header))?;
        Ok(scribe)
    }

    fn line(&mut self, line: &Line) -> Result<(), Stop> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n").map_err(Stop::fault)
    }

    /// # Errors
    /// `Fault` when the disk says no.
    pub fn batch(&mut self, table: &Table, batch: Batch) -> Result<(), Stop> {
        let rows = batch.rows.into_iter().map(RawValue::from_string).collect::<Result<_, _>>()?;
        self.line(&Line::Batch { table: table.name.clone(), rows })
    }

    /// Writes the end and waits until all of it is on the disk.
    ///
    /// # Errors
    /// `Fault` when the disk says no.
    pub fn end(mut self, sums: &[(String, Sum)]) -> Result<(), Stop> {
        self.line(&Line::End(sums.to_vec()))?;
        let buffered = self.out.finish().map_err(Stop::fault)?;
        let file = buffered.into_inner().map_err(Stop::fault)?;
        file.sync_all().map_err(Stop::fault)
    }
}

pub struct Reader {
    input: BufReader<MultiGzDecoder<BufReader<File>>>,
    pub header: Header,
}

fn damaged(what: impl std::fmt::Display) -> Stop {
    Stop::fault(format!("the backup is damaged ({what}); use another one"))
}

impl Reader {
    /// # Errors
    /// `Fault` when the file is not there, or is not the beginning of a backup.
    pub fn open(path: &Path) -> Result<Self, Stop> {
        let file = File::open(path).map_err(|error| Stop::fault(format!("{}: {error}", path.display())))?;
        let mut input = BufReader::new(MultiGzDecoder::new(BufReader::new(file)));
        let not_ours = || Stop::fault(format!("{} is not a Dutyboard backup", path.display()));
        match next(&mut input).map_err(|_| not_ours())? {
            Some(Line::Header(header)) if header.format == FORMAT => Ok(Reader { input, header }),
            _ => Err(not_ours()),
        }
    }

    /// Hands over every batch in order, and answers with each table's count and checksum, having compared them with the end.
    ///
    /// # Errors
    /// `Fault` for a damaged or cut file, and whatever `take` returns.
    pub fn each(mut self, take: &mut dyn FnMut(&str, Batch) -> Result<(), Stop>) -> Result<Vec<(String, Sum)>, Stop> {
        let mut sums: Vec<(String, Summing)> =
            self.header.tables.iter().map(|table| (table.name.clone(), Summing::default())).collect();
        let mut at = 0;
        loop {
            match next(&mut self.input)? {
                Some(Line::Batch { table, rows }) => {
                    // Tables come in the header's order, so that rows never arrive before those they point to.
                    at += sums[at..].iter().position(|(name, _)| *name == table).ok_or_else(|| damaged("tables out of order"))?;
                    let mut batch = Batch::default();
                    for row in rows {
                        sums[at].1.add(row.get());
                        batch.push(row.get().to_owned());
                    }
                    take(&table, batch)?;
                }
                Some(Line::End(promised)) => {
                    let found: Vec<(String, Sum)> = sums.into_iter().map(|(name, sum)| (name, sum.finish())).collect();
                    let is_last = next(&mut self.input)?.is_none();
                    return if found == promised && is_last { Ok(found) } else { Err(damaged("checksums differ")) };
                }
                Some(Line::Header(_)) => return Err(damaged("a second header")),
                None => return Err(damaged("the end is missing")),
            }
        }
    }
}

fn next(input: &mut impl BufRead) -> Result<Option<Line>, Stop> {
    let mut line = String::new();
    let length = input.read_line(&mut line).map_err(damaged)?;
    if length == 0 { Ok(None) } else { serde_json::from_str(&line).map(Some).map_err(|_| damaged("a line that is no JSON")) }
}
