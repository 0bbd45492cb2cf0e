//! Small things every room needs and nobody owns: clock, calendar, zones, ids, refusals, bilingual text.
//! Nothing here knows the database or HTTP.

pub mod calendar;
pub mod clock;
pub mod gate;
pub mod hex;
pub mod ids;
pub mod json;
pub mod progress;
pub mod refusal;
pub mod signature;
pub mod text;
pub mod window;
pub mod words;
pub mod zone;
