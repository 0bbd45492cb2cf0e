//! Request bodies are held in memory while they are read; together they may take so much and no more.

use crate::kit::refusal::Stop;
use actix_web::dev::ServiceRequest;
use actix_web::http::header;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Bodies up to this size (bytes) are not counted; larger ones in units of it.
const UNIT: u64 = 64 * 1024;
/// 256 MiB.
const UNITS: usize = 4_096;
/// What a body may come to that does not say (the largest that any endpoint takes).
const UNKNOWN: u64 = 8 * 1024 * 1024;

static ROOM: Semaphore = Semaphore::const_new(UNITS);

/// Room for the body of a request, until it is answered.
///
/// # Errors
/// `Busy` when there is none.
pub fn reserve(request: &ServiceRequest) -> Result<Option<SemaphorePermit<'static>>, Stop> {
    let headers = request.headers();
    let told = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
    let size: u64 = if headers.contains_key(header::TRANSFER_ENCODING) { UNKNOWN } else { told.unwrap_or(0) };
    if size <= UNIT {
        return Ok(None);
    }
    let units = u32::try_from(size.min(UNKNOWN).div_ceil(UNIT)).unwrap_or(u32::MAX);
    let room = ROOM.try_acquire_many(units).map_err(|_| Stop::Busy("too many large requests at once".into()))?;
    Ok(Some(room))
}
