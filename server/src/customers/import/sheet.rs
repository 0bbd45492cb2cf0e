//! A file as rows of cells: CSV in UTF-8 or GB18030, with or without a byte-order mark, or XLSX. CSV is read as a stream.

use crate::kit::refusal::{Code, Refusal, Stop};
use calamine::{Data, Reader, Xlsx};
use encoding_rs::{GB18030, UTF_8};
use encoding_rs_io::DecodeReaderBytesBuilder;
use std::io::{Cursor, Read, Seek, SeekFrom};

/// XLSX files are ZIP archives.
const ZIP: &[u8] = b"PK\x03\x04";
/// A file larger than this as XLSX is unpacked in memory, which is too much.
const XLSX_MAX: u64 = 64 << 20;

pub type Rows<'a> = Box<dyn Iterator<Item = Result<Vec<String>, Stop>> + 'a>;

/// The rows of a file, headers first; cells as people mean them.
///
/// # Errors
/// `unsupported_media` for what is neither, `too_large` for an XLSX beyond 64 MB, `Fault` when it cannot be read.
pub fn rows<'a, R: Read + Seek + 'a>(mut file: R) -> Result<Rows<'a>, Stop> {
    let mut start = Vec::new();
    file.by_ref().take(4).read_to_end(&mut start).map_err(Stop::fault)?;
    file.seek(SeekFrom::Start(0)).map_err(Stop::fault)?;
    if start == ZIP {
        return xlsx(file);
    }
    let encoding = if is_utf8(&mut file)? { UTF_8 } else { GB18030 };
    // A byte-order mark wins over what was found.
    let text = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).bom_override(true).build(file);
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let read = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.map_err(|error| Refusal::because(Code::UnsupportedMedia, error.to_string()))?;
        Ok(record.iter().map(clean).collect())
    };
    Ok(Box::new(reader.into_records().map(read)))
}

/// How many rows a file has below its headers, for progress: of CSV its lines, so cells of several lines count too often. The
/// file is at its beginning again.
///
/// # Errors
/// What [`rows`] returns.
pub fn count(file: &mut (impl Read + Seek)) -> Result<u64, Stop> {
    let mut start = Vec::new();
    file.by_ref().take(4).read_to_end(&mut start).map_err(Stop::fault)?;
    let lines = if start == ZIP {
        rows(&mut *file)?.count() as u64
    } else {
        file.seek(SeekFrom::Start(0)).map_err(Stop::fault)?;
        let (mut bytes, mut lines, mut last) = (vec![0; 64 << 10], 0, b'\n');
        loop {
            let read = file.read(&mut bytes).map_err(Stop::fault)?;
            if read == 0 {
                // The last line need not end.
                break lines + u64::from(last != b'\n');
            }
            last = bytes[read - 1];
            lines += memchr::memchr_iter(b'\n', &bytes[..read]).count() as u64;
        }
    };
    file.seek(SeekFrom::Start(0)).map_err(Stop::fault)?;
    Ok(lines.saturating_sub(1))
}

/// Reads it once from the beginning to the first byte that is no UTF-8.
fn is_utf8(file: &mut (impl Read + Seek)) -> Result<bool, Stop> {
    let mut decoder = UTF_8.new_decoder_without_bom_handling();
    let (mut bytes, mut text) = (vec![0; 64 << 10], vec![0; 256 << 10]);
    let mut fits = true;
    loop {
        let read = file.read(&mut bytes).map_err(Stop::fault)?;
        let (result, _, _) = decoder.decode_to_utf8_without_replacement(&bytes[..read], &mut text, read == 0);
        fits &= !matches!(result, encoding_rs::DecoderResult::Malformed(..));
        if read == 0 || !fits {
            file.seek(SeekFrom::Start(0)).map_err(Stop::fault)?;
            return Ok(fits);
        }
    }
}

fn xlsx<'a>(mut file: impl Read + Seek) -> Result<Rows<'a>, Stop> {
    let size = file.seek(SeekFrom::End(0)).map_err(Stop::fault)?;
    if size > XLSX_MAX {
        return Err(Refusal::because(Code::TooLarge, "save it as CSV").into());
    }
    file.seek(SeekFrom::Start(0)).map_err(Stop::fault)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(Stop::fault)?;
    let unreadable = |error: calamine::XlsxError| Stop::from(Refusal::because(Code::UnsupportedMedia, error.to_string()));
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let range = book.worksheet_range_at(0).ok_or(Stop::from(Code::UnsupportedMedia))?.map_err(unreadable)?;
    let rows: Vec<Vec<String>> = range.rows().map(|row| row.iter().map(|cell| clean(&shown(cell))).collect()).collect();
    Ok(Box::new(rows.into_iter().map(Ok)))
}

fn shown(cell: &Data) -> String {
    match cell {
        // An order number that a spreadsheet took for a number.
        Data::Float(number) if number.fract() == 0.0 => format!("{number:.0}"),
        Data::DateTime(_) | Data::DateTimeIso(_) => {
            use calamine::DataType;
            cell.as_datetime().map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
        }
        other => other.to_string(),
    }
}

/// What a cell says without what exports wrap around it: spaces, `="…"`, a leading `'`.
pub fn clean(cell: &str) -> String {
    let cell = cell.trim().trim_start_matches('\u{feff}');
    let inner = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(cell);
    inner.trim_start_matches('\'').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Vec<String>> {
        rows(Cursor::new(bytes.to_vec())).expect("a sheet").collect::<Result<_, _>>().expect("rows")
    }

    #[test]
    fn the_same_sheet_in_every_encoding() {
        let text = "订单编号,收货地址 ,联系手机\n=\"123456789012345678\",\"杭州, 文三路\",'13800001111\n";
        let expected = [["订单编号", "收货地址", "联系手机"], ["123456789012345678", "杭州, 文三路", "13800001111"]];
        let (gb, _, _) = GB18030.encode(text);
        let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &gb, &marked] {
            assert_eq!(read(bytes), expected);
        }
    }

    #[test]
    fn rows_are_counted_before_they_are_read() {
        let mut file = Cursor::new("昵称\r\n小鹿\r\n山月".as_bytes().to_vec());
        assert_eq!((count(&mut file).expect("a sheet"), file.position()), (2, 0));
        assert_eq!(count(&mut Cursor::new(Vec::new())).expect("empty"), 0);
    }

    #[test]
    fn what_only_looks_like_a_book_is_refused() {
        assert!(rows(Cursor::new(b"PK\x03\x04 and no more".to_vec())).is_err());
        assert_eq!(read(b""), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_sign_cut_by_the_end_of_a_block_is_still_utf8() {
        let text = format!("{}订", "a".repeat((64 << 10) - 1));
        assert!(is_utf8(&mut Cursor::new(text.into_bytes())).expect("readable"));
        assert!(!is_utf8(&mut Cursor::new(b"\xc4\xe3".to_vec())).expect("readable"));
    }
}
