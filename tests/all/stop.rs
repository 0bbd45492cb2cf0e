//! The real program is told to stop (SIGTERM): what is in hand is finished, live lines end, and it says that all is well.

use crate::harness::{Cast, Client, PASSWORD, Program, both_engines, free_address, open_app};
use diesel::prelude::*;
use dutyboard::db::schema::board_box;
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// Sends the head of a request and returns the open line.
fn begin(client: &Client, head: &str) -> TcpStream {
    let mut line = TcpStream::connect(client.address).expect("a line");
    line.set_read_timeout(Some(std::time::Duration::from_secs(60))).expect("a limit");
    let token = client.token.as_deref().expect("signed in");
    write!(line, "{head}\r\nHost: desk\r\nAuthorization: Bearer {token}\r\n").expect("sent");
    line
}

/// Reads until the end of the answer's head.
fn head_of(line: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(line.read_line(&mut head).expect("an answer"), 0, "{head}");
    }
    head
}

both_engines! {
    fn a_stop_finishes_what_is_in_hand(engine) {
        let scratch = engine.founded();
        let mut program = Program::start(&scratch, free_address());
        let mut client = Client::new(program.address);
        assert_eq!(client.login("ann", PASSWORD).status, 200);

        let mut live = begin(&client, "GET /api/sync/events HTTP/1.1");
        live.write_all(b"\r\n").expect("sent");
        let mut live = BufReader::new(live);
        assert!(head_of(&mut live).starts_with("HTTP/1.1 200"));

        let ann = Cast::default().ann;
        let own = json!({ "id": dutyboard::kit::ids::fresh(), "day": "2026-03-02", "title": "last", "quadrant": "Q1", "kind": "anytime", "assignee_id": ann });
        let body = json!({ "name": "box.create", "args": own }).to_string();
        let (first, rest) = body.split_at(body.len() / 2);
        let mut half = begin(&client, "POST /api/v1/commands HTTP/1.1");
        write!(half, "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n", body.len()).expect("sent");
        let mut half = BufReader::new(half);
        // The server has begun with this request when it asks for the body.
        assert!(head_of(&mut half).starts_with("HTTP/1.1 100"));
        half.get_mut().write_all(first.as_bytes()).expect("sent");

        program.terminate();
        let mut said = String::new();
        live.read_to_string(&mut said).expect("the live line ends");
        half.get_mut().write_all(rest.as_bytes()).expect("sent");
        let answer = head_of(&mut half);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(program.exit().success());

        let (app, _) = open_app(&scratch);
        let kept = board_box::table.filter(board_box::created_by.eq(&ann)).select(board_box::title_zh);
        let titles: Vec<String> = app.db.read(|conn| Ok(kept.load(conn)?)).expect("a read");
        assert_eq!(titles, ["last"]);
    }
}
