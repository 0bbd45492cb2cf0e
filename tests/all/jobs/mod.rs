//! What happens by itself: the queue, the boards, the mails.

pub mod boards;
mod buyer_mail;
mod down_time;
mod mail_back;
mod mails;
pub mod queue;
mod zones;
