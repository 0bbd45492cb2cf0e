//! What a mail that came back says: that one of ours was not delivered (RFC 3464, and what QQ, 163, Gmail and Exchange write
//! instead), that a buyer answered, or that a buyer wants no more. Pure; whatever is not understood is ignored.

use super::refusal::is_about_address;
use crate::kit::text::without_nul;
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MimeHeaders, PartType};

/// More of a mail is not read (bytes): what matters comes first.
pub const READ_MAX: usize = 1024 * 1024;
/// What is kept of an answer (characters).
pub const TEXT_MAX: usize = 2_000;
/// Longer answers are letters, whatever words they hold (characters).
const ASKING_MAX: usize = 40;
const ID_MAX: usize = 100;
const IDS_MAX: usize = 50;
const DEPTH_MAX: usize = 4;
/// What a server says that names no code of its own: it will not take it.
const REFUSED: u16 = 550;
/// How our Message-IDs end.
const OURS: &str = "@dutyboard>";

/// A mail that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Which of ours it may be about, the likeliest first; with angle brackets.
    pub message_ids: Vec<String>,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It was not delivered and will not be; permanent when the address is no good.
    Bounce { permanent: bool },
    /// A person's answer, without what it quotes.
    Reply { text: String },
    /// The buyer wants no more mails: in own words when it was a person's answer.
    Stop { text: Option<String> },
    /// A machine's answer, a delay, or nothing about us.
    Ignore,
}

/// Reads a mail as it lies in the folder.
pub fn read(raw: &[u8]) -> Incoming {
    let raw = &raw[..raw.len().min(READ_MAX)];
    let ignored = || Incoming { message_ids: Vec::new(), what: What::Ignore };
    let Some(message) = MessageParser::default().parse(raw) else { return ignored() };
    let incoming = judge(raw, &message);
    dismantle(message);
    if incoming.message_ids.is_empty() || incoming.what == What::Ignore { ignored() } else { incoming }
}

/// Drops a mail from the outside in: left to itself, each mail would drop the one inside it on a deeper stack, until there is none.
fn dismantle(message: Message<'_>) {
    let mut left = vec![message];
    while let Some(message) = left.pop() {
        left.extend(message.parts.into_iter().filter_map(|part| match part.body {
            PartType::Message(inner) => Some(inner),
            _ => None,
        }));
    }
}

fn judge(raw: &[u8], message: &Message<'_>) -> Incoming {
    let mut parts = Vec::new();
    collect(message, 0, &mut parts);
    let report = report_type(message);
    let what = match report.as_deref() {
        Some("feedback-report") => What::Stop { text: None },
        Some("delivery-status") => reported(&parts).unwrap_or(What::Ignore),
        _ if is_from_a_server(message) => reported(&parts).unwrap_or_else(|| guessed(&parts)),
        _ if is_automatic(message) => What::Ignore,
        _ => answered(message),
    };
    let answer = matches!(what, What::Reply { .. } | What::Stop { text: Some(_) });
    Incoming { message_ids: if answer { thread(message) } else { mentioned(raw, &parts) }, what }
}

/// A part of the mail as text.
struct Part {
    /// `type/subtype`, lower case.
    kind: String,
    text: String,
}

fn collect(message: &Message<'_>, depth: usize, parts: &mut Vec<Part>) {
    for part in &message.parts {
        let kind = part.content_type().map_or(String::new(), |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("")));
        let text = match &part.body {
            PartType::Text(text) | PartType::Html(text) => text.to_string(),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) if !kind.starts_with("image/") => {
                String::from_utf8_lossy(bytes).into_owned()
            }
            PartType::Message(inner) if depth < DEPTH_MAX => {
                collect(inner, depth + 1, parts);
                inner.message_id().map_or(String::new(), |id| format!("<{id}>"))
            }
            _ => continue,
        };
        parts.push(Part { kind: kind.to_ascii_lowercase(), text });
    }
}

fn header<'a>(message: &'a Message<'_>, name: &str) -> Option<&'a str> {
    message.headers_raw().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn report_type(message: &Message<'_>) -> Option<String> {
    let kind = message.content_type().filter(|kind| kind.subtype().is_some_and(|name| name.eq_ignore_ascii_case("report")))?;
    Some(kind.attribute("report-type").unwrap_or_default().to_ascii_lowercase())
}

/// From a mail server rather than from a person: the envelope or the sender says so.
fn is_from_a_server(message: &Message<'_>) -> bool {
    const SENDERS: [&str; 4] = ["mailer-daemon", "postmaster", "mail delivery", "mailerdaemon"];
    let sender = message.header_raw(HeaderName::From).unwrap_or_default().to_lowercase();
    let failed = header(message, "X-Failed-Recipients").is_some();
    failed || SENDERS.iter().any(|name| sender.contains(name))
}

/// Answers of machines: out of office, tickets, lists (RFC 3834 and the habits before it).
fn is_automatic(message: &Message<'_>) -> bool {
    const SUBJECTS: [&str; 5] = ["自动回复", "自動回覆", "automatic reply", "auto reply", "out of office"];
    let automatic = header(message, "Auto-Submitted").is_some_and(|value| !value.eq_ignore_ascii_case("no"));
    let habits = ["X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"].iter().any(|name| header(message, name).is_some());
    let bulk = header(message, "Precedence")
        .is_some_and(|value| ["bulk", "junk", "list", "auto_reply"].contains(&value.to_ascii_lowercase().as_str()));
    let subject = message.subject().unwrap_or_default().to_lowercase();
    automatic || habits || bulk || SUBJECTS.iter().any(|words| subject.contains(words))
}

/// What the machine-readable part says; `None` without one that names an outcome.
fn reported(parts: &[Part]) -> Option<What> {
    let status = parts.iter().filter(|part| part.kind == "message/delivery-status");
    let mut fields = Vec::new();
    for line in status.flat_map(|part| part.text.lines()) {
        if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_ascii_lowercase()));
        }
    }
    let of = |wanted: &str| fields.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
    let actions = of("action");
    if actions.is_empty() {
        return None;
    }
    // Delayed, relayed, expanded, delivered: the mail is not lost.
    if !actions.contains(&"failed") {
        return Some(What::Ignore);
    }
    let is_bad = |status: &&str| status.starts_with('5') && is_about_address(REFUSED, status);
    Some(What::Bounce { permanent: of("status").iter().any(is_bad) })
}

/// Words for people, in which servers name their codes all the same. When nothing is said, the address may still be good.
fn guessed(parts: &[Part]) -> What {
    const GONE: [&str; 8] =
        ["不存在", "地址错误", "无此用户", "找不到", "does not exist", "user unknown", "no such user", "not found"];
    const DELAYED: [&str; 3] = ["will retry", "delayed", "继续尝试"];
    let text = parts.iter().map(|part| part.text.to_lowercase()).collect::<Vec<_>>().join("\n");
    let words = || text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let is_refused = words().filter_map(class).any(|class| class == 5);
    let code =
        words().find_map(|word| word.trim_matches('.').parse().ok().filter(|code| (550..560).contains(code))).unwrap_or(REFUSED);
    if GONE.iter().any(|words| text.contains(words)) || (is_refused && is_about_address(code, &text)) {
        return What::Bounce { permanent: true };
    }
    if is_refused {
        return What::Bounce { permanent: false };
    }
    if DELAYED.iter().any(|words| text.contains(words)) { What::Ignore } else { What::Bounce { permanent: false } }
}

/// 4 or 5 for `4.2.2`, `550` and the like.
fn class(word: &str) -> Option<u8> {
    let word = word.trim_matches('.');
    let numbers: Vec<&str> = word.split('.').collect();
    let class = match numbers[..] {
        ["4" | "5", subject, detail] if subject.len() <= 3 && detail.len() <= 3 => word.as_bytes()[0],
        [code] if code.len() == 3 && matches!(&code[..2], "42" | "43" | "45" | "55") => code.as_bytes()[0],
        _ => return None,
    };
    Some(class - b'0')
}

/// What a person wrote.
fn answered(message: &Message<'_>) -> What {
    let body = message.body_text(0).unwrap_or_default();
    let text = own_words(&body);
    if asks_to_stop(&text) { What::Stop { text: Some(text) } } else { What::Reply { text } }
}

/// The answer without what it quotes, and without white space around.
fn own_words(body: &str) -> String {
    const QUOTES: [&str; 5] =
        ["-----original message", "----- original", "------------------ 原始邮件", "-----原始邮件", "发件人:"];
    let begins_quote = |line: &str| {
        let line = line.trim().to_lowercase().replace('：', ":");
        let introduces = line.ends_with(':') && (line.contains("wrote") || line.contains("写道"));
        introduces || line.starts_with('>') || QUOTES.iter().any(|words| line.starts_with(words))
    };
    let own: Vec<&str> = body.lines().take_while(|line| !begins_quote(line)).map(str::trim_end).collect();
    without_nul(own.join("\n").trim()).chars().take(TEXT_MAX).collect()
}

/// Whether it can mean nothing but the mails: "不要发了" is, in this trade, about a parcel. Short words count only when nothing else is
/// said; what a mail program signs with is not said.
fn asks_to_stop(text: &str) -> bool {
    const WHOLE: [&str; 5] = ["stop", "td", "unsubscribe", "退订", "取消订阅"];
    const MAILS: [&str; 4] = ["邮件", "mail", "mailing list", "newsletter"];
    const NO_MORE: [&str; 9] =
        ["退订", "不要再发", "别再发", "不要再给我发", "别再给我发", "不要发送", "stop sending", "unsubscribe", "remove me from"];
    const SIGNATURES: [&str; 4] = ["发自", "来自我的", "sent from", "get outlook"];
    let said = text.to_lowercase();
    let said: String = said.lines().filter(|line| !SIGNATURES.iter().any(|words| line.trim().starts_with(words))).collect();
    let word: String = said.chars().filter(|c| c.is_alphanumeric()).collect();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    WHOLE.contains(&word.as_str()) || (said.chars().count() <= ASKING_MAX && has(&NO_MORE) && has(&MAILS))
}

/// Our mails that an answer answers: the one it names first, then the conversation backwards.
fn thread(message: &Message<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for value in [message.in_reply_to(), message.references()] {
        let ids: Vec<&str> = match value {
            HeaderValue::Text(id) => vec![id],
            HeaderValue::TextList(ids) => ids.iter().rev().map(AsRef::as_ref).collect(),
            _ => Vec::new(),
        };
        for id in ids {
            note(&format!("<{}>", id.trim_matches(['<', '>', ' '])), &mut found);
        }
    }
    found
}

/// Every Message-ID of ours that is in it anywhere: each server keeps the original in another place.
fn mentioned(raw: &[u8], parts: &[Part]) -> Vec<String> {
    let mut found = Vec::new();
    for text in parts.iter().map(|part| part.text.as_str()).chain([String::from_utf8_lossy(raw).as_ref()]) {
        for (end, ending) in text.match_indices(OURS) {
            // An id is short: whoever fills a mail with endings does not make us look back through all of it each time.
            if let Some(back) = text.as_bytes()[..end].iter().rev().take(ID_MAX + 1).position(|byte| *byte == b'<') {
                note(&text[end - back - 1..end + ending.len()], &mut found);
            }
        }
    }
    found
}

fn note(id: &str, found: &mut Vec<String>) {
    let inner = id.strip_prefix('<').and_then(|id| id.strip_suffix(OURS)).unwrap_or_default();
    let ours = !inner.is_empty() && inner.len() <= ID_MAX && inner.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if ours && found.len() < IDS_MAX && !found.iter().any(|known| known == id) {
        found.push(id.to_owned());
    }
}

#[cfg(test)]
#[path = "bounce_tests.rs"]
mod tests;
