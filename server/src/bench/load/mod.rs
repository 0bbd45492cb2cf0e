//! Many phones on bad networks, for minutes.

use crate::kit::refusal::Stop;

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Phones
    #[arg(long, default_value_t = 500)]
    phones: usize,
}

/// # Errors
/// `Fault`.
pub async fn run(options: Options) -> Result<(), Stop> {
    Err(Stop::fault(options.phones))
}
