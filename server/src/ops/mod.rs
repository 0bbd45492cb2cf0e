//! What the person who runs the server does with it: back it up, bring it back, move it, look whether it is well; and the
//! nightly work that keeps it small. The commands are in `cli`, their work beside it; none of it is part of a request.
//!
//! Table: `chore` (when each nightly work was last done).

pub mod archive;
pub mod backup;
pub mod chores;
pub mod cli;
pub mod doctor;
pub mod epochs;
pub mod key;
pub mod nightly;
pub mod port;
pub mod presence;
pub mod progress;
pub mod restore;
mod rules;
mod store;
