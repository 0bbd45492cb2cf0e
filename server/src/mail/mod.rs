//! Mail: the durable outbox. A room writes a mail in its own transaction (`Tx::mail`); a leased job renders and sends it.
//!
//! Tables: `mail`, `mail_pace`, `mail_reply`. Job: `mail.send`. Invariant: a mail keeps its Message-ID, so sending it twice after a crash is one mail in
//! the mailbox. The variables of a sent mail are deleted: they may hold one-time links.

pub mod bounce;
pub mod buyer;
pub mod http;
pub mod imap;
mod incoming;
pub mod maildir;
pub mod mailer;
pub mod old;
mod pace;
mod refusal;
pub mod render;
pub mod send;
pub mod stop;
