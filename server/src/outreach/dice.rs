//! Random but repeatable worlds for the tests of this room.

use crate::kit::zone;
use chrono_tz::Tz;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Small and seeded: a test needs no more.
pub struct Dice(pub u64);

/// Zones with no clock change, an hour, half an hour, at midnight, and on the other half of the earth.
pub const ZONES: [Tz; 7] = [
    chrono_tz::Asia::Shanghai,
    chrono_tz::Europe::Berlin,
    chrono_tz::America::New_York,
    chrono_tz::Australia::Lord_Howe,
    chrono_tz::America::Santiago,
    chrono_tz::America::Havana,
    chrono_tz::Asia::Beirut,
];

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// 2026-01-01, UTC.
const NEW_YEAR: i64 = 1_767_225_600_000;

impl Dice {
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    /// A whole minute of 2026; half of them within two days of a change of this zone's clock.
    pub fn instant(&mut self, zone: Tz) -> i64 {
        let changes = changes(zone);
        if changes.is_empty() || self.below(2) == 0 {
            return NEW_YEAR + self.below(365 * 1_440) as i64 * MINUTE;
        }
        let change = changes[self.below(changes.len() as u64) as usize];
        change - 2 * DAY + self.below(4 * 1_440) as i64 * MINUTE
    }
}

/// The days of 2026 on which a zone's clock has changed since the day before.
fn changes(zone: Tz) -> &'static [i64] {
    static ALL: OnceLock<HashMap<Tz, Vec<i64>>> = OnceLock::new();
    let offset = |at: i64, zone: Tz| zone::local_time(at, zone).and_utc().timestamp_millis() - at;
    let of = |zone: Tz| {
        let days = (1..365).map(|day| NEW_YEAR + day * DAY);
        days.filter(|at| offset(*at, zone) != offset(at - DAY, zone)).collect()
    };
    &ALL.get_or_init(|| ZONES.map(|zone| (zone, of(zone))).into_iter().collect())[&zone]
}
