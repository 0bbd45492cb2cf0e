//! Hostile JSON: a good message spoiled as text, because much of what can be wrong with JSON cannot be said with a `Value`:
//! names twice, half a surrogate, numbers that no type holds, nesting without end.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;
use std::collections::HashMap;

/// What readers of JSON, times, ids, names and SQL have stumbled over elsewhere; each is put in the place of a value.
const TOKENS: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.0",
    "1",
    "-1",
    "2",
    "0.1",
    "1E+2",
    "1e308",
    "1e309",
    "-1e309",
    "4.9e-324",
    "5e-400",
    "127",
    "128",
    "255",
    "256",
    "32768",
    "2147483647",
    "2147483648",
    "-2147483648",
    "-2147483649",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775806",
    "-9223372036854775808",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "123456789012345678901234567890",
    "1e18",
    "253402300799999",
    "-62135596800001",
    "NaN",
    "Infinity",
    "-Infinity",
    "undefined",
    "0x10",
    "01",
    "+1",
    ".5",
    "1.",
    "'a'",
    "//",
    "/*",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "",
    r#""""#,
    r#"" ""#,
    r#""\u0000""#,
    r#""a\u0000b""#,
    r#""\ud800""#,
    r#""\udfff\ud800""#,
    r#""\ud83d\ude00""#,
    r#""\uFFFE\uFFFF""#,
    r#""\u202e\u2066\u200b\ufeff""#,
    r#""\u0007\u001b[2J\u007f\u0085""#,
    r#""\r\nBcc: x@example.com""#,
    r#""a\tb\nc""#,
    r#""\""#,
    r#""\x""#,
    r#""'; DROP TABLE person; --""#,
    r#""=1+1""#,
    r#""{{7*7}}""#,
    r#""%s%n""#,
    r#""../../etc/passwd""#,
    r#""<script>""#,
    r#""a@b""#,
    r#""2026-03-02""#,
    r#""2026-02-29""#,
    r#""2026-3-2""#,
    r#""0000-01-01""#,
    r#""0001-01-01""#,
    r#""9999-12-31""#,
    r#""+10000-01-01""#,
    r#""-0001-12-31""#,
    r#""+262142-12-31""#,
    r#""-262143-01-01""#,
    r#""00:00""#,
    r#""23:59""#,
    r#""24:00""#,
    r#""12:60""#,
    r#""1:2""#,
    r#""٠٨:٣٠""#,
    r#""Asia/Shanghai""#,
    r#""Africa/El_Aaiun""#,
    r#""UTC""#,
    r#""Etc/GMT+12""#,
    r#""../UTC""#,
    r#""Mars/Base""#,
    r#""00000000-0000-0000-0000-000000000000""#,
    r#""ffffffff-ffff-ffff-ffff-ffffffffffff""#,
    r#""{01890a5d-ac96-774b-bcce-b302099a8057}""#,
    r#""01890A5D-AC96-774B-BCCE-B302099A8057""#,
    r#""urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057""#,
    r#""owner""#,
    r#""agent""#,
    r#""system""#,
    r#""Q1""#,
    r#""timebox""#,
    r#""deadline""#,
    r#""anytime""#,
    r#""standing""#,
    r#""en""#,
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "[1,2,3]",
    r#"{"":null}"#,
    r#"{"\u0000":1}"#,
    r#"{"__proto__":{"x":1}}"#,
    r#"{"zh":"a","en":"b"}"#,
    // What serde_json itself uses between its own types.
    r#"{"$serde_json::private::Number":"1e999"}"#,
    r#"{"$serde_json::private::RawValue":"[1"}"#,
    r#"{"$serde_json::private::RawValue":"{\"a\":1}"}"#,
];

#[derive(Debug, Clone)]
enum How {
    /// Another value, or text that is none.
    Put(String),
    /// The same name again with another value; in a list one more item.
    Twice(String),
    Drop,
    Rename(String),
    /// So many lists or objects around it.
    Nest(usize, bool),
    /// The same again, so often.
    Many(usize),
}

#[derive(Debug, Clone)]
enum ByteEdit {
    Flip(Index, u8),
    Put(Index, Vec<u8>),
    Take(Index, usize),
    Cut(Index),
    Copy(Index, Index),
}

/// A way to spoil any message.
#[derive(Debug, Clone)]
pub struct Spoil {
    edits: Vec<(Index, How)>,
    bytes: Vec<ByteEdit>,
}

impl Spoil {
    /// The good message as bytes, spoiled.
    pub fn apply(&self, good: &Value) -> Vec<u8> {
        let count = size(good);
        let edits = self.edits.iter().map(|(at, how)| (at.index(count), how)).collect();
        let parts = Writer { at: 0, edits }.parts(None, good);
        self.bytes.iter().fold(parts.join(",").into_bytes(), |bytes, edit| edit.apply(bytes))
    }
}

impl ByteEdit {
    fn apply(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let end = bytes.len() + 1;
        match self {
            ByteEdit::Flip(at, bit) => {
                let at = at.index(end);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            ByteEdit::Put(at, more) => drop(bytes.splice(at.index(end)..at.index(end), more.iter().copied())),
            ByteEdit::Take(at, count) => {
                let (at, len) = (at.index(end), bytes.len());
                bytes.drain(at..len.min(at + count));
            }
            ByteEdit::Cut(at) => bytes.truncate(at.index(end)),
            ByteEdit::Copy(from, to) => {
                let (from, to) = (from.index(end), to.index(end));
                let piece: Vec<u8> = bytes[from.min(to)..from.max(to)].to_vec();
                bytes.splice(to..to, piece);
            }
        }
        bytes
    }
}

/// How many values there are in it, itself included.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => fields.values().map(size).sum(),
        _ => 0,
    }
}

struct Writer<'a> {
    at: usize,
    edits: HashMap<usize, &'a How>,
}

impl Writer<'_> {
    /// One value as the text of no, one or many members of what it stands in.
    fn parts(&mut self, name: Option<&str>, value: &Value) -> Vec<String> {
        let how = self.edits.get(&self.at).copied();
        self.at += 1;
        let inner = match value {
            Value::Array(items) => {
                format!("[{}]", items.iter().flat_map(|item| self.parts(None, item)).collect::<Vec<_>>().join(","))
            }
            Value::Object(fields) => {
                let members = fields.iter().flat_map(|(name, value)| self.parts(Some(name), value)).collect::<Vec<_>>();
                format!("{{{}}}", members.join(","))
            }
            other => other.to_string(),
        };
        let member = |text: &str| name.map_or_else(|| text.to_owned(), |name| format!("{}:{text}", Value::from(name)));
        match how {
            None => vec![member(&inner)],
            Some(How::Put(token)) => vec![member(token)],
            Some(How::Twice(token)) => vec![member(&inner), member(token)],
            Some(How::Drop) => vec![],
            Some(How::Rename(to)) => vec![if name.is_some() { format!("{to}:{inner}") } else { inner }],
            Some(How::Nest(depth, false)) => vec![member(&format!("{}{inner}{}", "[".repeat(*depth), "]".repeat(*depth)))],
            Some(How::Nest(depth, true)) => vec![member(&format!("{}{inner}{}", "{\"a\":".repeat(*depth), "}".repeat(*depth)))],
            Some(How::Many(count)) => vec![member(&inner); *count],
        }
    }
}

/// A value that some reader may stumble over, as JSON text (or something that only looks like it).
pub fn token() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => select(TOKENS).prop_map(str::to_owned),
        2 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        3 => text().prop_map(|text| Value::from(text).to_string()),
        1 => (1_usize..40_000).prop_map(|count| Value::from("长".repeat(count)).to_string()),
        // A value inside a text inside a value: the reader of the outer one never counts how deep it goes.
        1 => (1_usize..6, 1_usize..120).prop_map(|(times, depth)| smuggled(times, depth)),
    ]
}

/// Lists so deep in one another, hidden from the reader's limit by serde_json's own name for raw text.
pub fn smuggled(times: usize, depth: usize) -> String {
    let mut text = "0".to_owned();
    for _ in 0..times {
        let deep = format!("{}{text}{}", "[".repeat(depth), "]".repeat(depth));
        text = format!("{{\"$serde_json::private::RawValue\":{}}}", Value::from(deep));
    }
    text
}

/// Any text, rarely a very long one.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => ".{0,40}", 2 => "[a-z0-9:./+ -]{0,40}", 1 => "\\PC{0,300}"]
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        8 => token().prop_map(How::Put),
        2 => token().prop_map(How::Twice),
        1 => Just(How::Drop),
        1 => token().prop_map(How::Rename),
        1 => (1_usize..200, any::<bool>()).prop_map(|(depth, object)| How::Nest(depth, object)),
        1 => (2_usize..60).prop_map(How::Many),
    ]
}

fn byte_edit() -> impl Strategy<Value = ByteEdit> {
    prop_oneof![
        3 => (any::<Index>(), any::<u8>()).prop_map(|(at, bit)| ByteEdit::Flip(at, bit)),
        2 => (any::<Index>(), prop::collection::vec(any::<u8>(), 1..6)).prop_map(|(at, more)| ByteEdit::Put(at, more)),
        1 => (any::<Index>(), 1_usize..9).prop_map(|(at, count)| ByteEdit::Take(at, count)),
        1 => any::<Index>().prop_map(ByteEdit::Cut),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| ByteEdit::Copy(from, to)),
    ]
}

/// Mostly values in wrong places, now and then bytes that are no JSON at all.
pub fn spoil() -> impl Strategy<Value = Spoil> {
    let edits = prop::collection::vec((any::<Index>(), how()), 1..4);
    let bytes = prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(byte_edit(), 1..4)];
    (edits, bytes).prop_map(|(edits, bytes)| Spoil { edits, bytes })
}

/// Bytes of a text changed here and there, for what is no JSON.
pub fn worn(good: String) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(byte_edit(), 0..4)
        .prop_map(move |edits| edits.iter().fold(good.clone().into_bytes(), |bytes, edit| edit.apply(bytes)))
}
