//! Ready-made request bytes, and pushes of which only the numbers change.

use crate::kit::ids;
use std::fmt::Write;

/// Digits that a changing number is padded to, so that a request keeps its length. JSON allows the blanks before it.
const WIDTH: usize = 12;

pub fn get(path: &str, token: Option<&str>) -> Vec<u8> {
    bytes("GET", path, token, None)
}

pub fn post(path: &str, token: Option<&str>, body: &str) -> Vec<u8> {
    bytes("POST", path, token, Some(body))
}

/// Trades the refresh cookie for a new access token.
pub fn refresh(secret: &str) -> Vec<u8> {
    format!(
        "POST /api/auth/refresh HTTP/1.1\r\nHost: localhost\r\nCookie: dutyboard_refresh={secret}\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

fn bytes(method: &str, path: &str, token: Option<&str>, body: Option<&str>) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    if let Some(token) = token {
        let _ = write!(text, "Authorization: Bearer {token}\r\n");
    }
    if let Some(body) = body {
        let _ = write!(text, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    }
    text.push_str("\r\n");
    text.push_str(body.unwrap_or_default());
    text.into_bytes()
}

/// `cookie` as JSON.
pub fn pull(token: &str, group: &str, cookie: &str) -> Vec<u8> {
    let body =
        format!(r#"{{"pullVersion":1,"clientGroupID":"{group}","cookie":{cookie},"profileID":"bench","schemaVersion":"1"}}"#);
    post("/api/sync/pull", Some(token), &body)
}

/// `mutations` as JSON objects with commas between.
pub fn push(token: &str, group: &str, mutations: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"pushVersion":1,"clientGroupID":"{group}","profileID":"bench","schemaVersion":"1","mutations":[{mutations}]}}"#
    );
    post("/api/sync/push", Some(token), &body)
}

pub fn mutation(client: &str, id: u64, uid: &str, name: &str, args: &str) -> String {
    format!(r#"{{"clientID":"{client}","id":{id},"uid":"{uid}","name":"{name}","args":{args},"timestamp":1.5}}"#)
}

/// New words for a task; of the same length for every `number` below 10^12.
pub fn edit(box_id: &str, number: u64) -> String {
    format!(r#"{{"id":"{box_id}","title":{{"zh":"{0}","en":"{0}"}}}}"#, title(number))
}

pub fn title(number: u64) -> String {
    format!("Check order {number:0WIDTH$}")
}

/// A push of one edit that is sent again and again under the next number.
pub struct Template {
    bytes: Vec<u8>,
    /// Where the mutation's number stands, padded with blanks, and where with zeros (uid, titles).
    blank: usize,
    zeros: Vec<usize>,
    pub number: u64,
}

/// Stands for the number until it is known; occurs nowhere else.
const MARK: &str = "777777777777";

impl Template {
    pub fn new(token: &str, group: &str, client: &str, box_id: &str) -> Self {
        let mark: u64 = MARK.parse().unwrap_or_default();
        // The last group of a UUID is twelve digits; the rest is hashed, because ids of one moment begin alike.
        let hashed = ids::derived(&[client]);
        let uid = format!("{}{MARK}", &hashed[..hashed.len() - WIDTH]);
        let bytes = push(token, group, &mutation(client, mark, &uid, "box.edit", &edit(box_id, mark)));
        let all = bytes.windows(WIDTH).enumerate().filter(|(_, window)| *window == MARK.as_bytes());
        let mut places: Vec<usize> = all.map(|(at, _)| at).collect();
        let blank = places.remove(0);
        Template { bytes, blank, zeros: places, number: 0 }
    }

    /// The request under the next number, counting from 1.
    pub fn next(&mut self) -> &[u8] {
        self.number += 1;
        let number = self.number;
        self.bytes[self.blank..self.blank + WIDTH].copy_from_slice(format!("{number:WIDTH$}").as_bytes());
        for at in &self.zeros {
            self.bytes[*at..*at + WIDTH].copy_from_slice(format!("{number:0WIDTH$}").as_bytes());
        }
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn body(request: &[u8]) -> Value {
        let text = std::str::from_utf8(request).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{head}");
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn a_template_counts_and_keeps_its_length() {
        let id = "0190a0a0-0000-7000-8000-000000000001";
        let mut template = Template::new("token", "group", id, id);
        let first = template.next().to_vec();
        for _ in 0..1233 {
            template.next();
        }
        let later = template.next().to_vec();
        assert_eq!(first.len(), later.len());
        let mutation = &body(&later)["mutations"][0];
        assert_eq!(mutation["id"], 1235);
        let uid = mutation["uid"].as_str().unwrap();
        assert!(ids::check(uid).is_ok() && uid.ends_with("-000000001235"), "{uid}");
        assert_eq!(mutation["args"]["title"]["zh"], title(1235));
        assert_eq!(mutation["args"]["title"]["en"], title(1235));
        assert_eq!(mutation["clientID"], id);
    }

    #[test]
    fn requests_say_how_long_they_are() {
        assert_eq!(body(&pull("t", "g", "null"))["cookie"], Value::Null);
        assert!(!String::from_utf8(get("/x", None)).unwrap().contains("Content-Length"));
    }
}
