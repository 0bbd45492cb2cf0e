//! What happens by itself: the queue, the boards, the mails.

pub mod boards;
mod down_time;
mod mails;
pub mod queue;
mod zones;
