//! The promises at length (`tests/run soak`): random histories of fifty devices with restarts, a second server, cut connections,
//! clocks that jump by a day and full disks; and weeks of work with restores of yesterday's backup. Each case prints its seed.

use crate::harness::{Dice, Engine, HOUR, setting};
use crate::ops::restore::days_with_restores;
use crate::sync::checks;
use crate::sync::history::History;
use crate::writer::{fill_up, make_room};
use std::time::{Duration, Instant};

const PHONES_EACH: usize = 9;
const STEPS: usize = 400;

/// Runs fresh seeds until the time is up; `DUTYBOARD_SEED` runs that one.
fn for_a_long_time(case: impl Fn(u64)) {
    if let Some(seed) = setting("DUTYBOARD_SEED") {
        return case(seed.parse().expect("DUTYBOARD_SEED is a number"));
    }
    let minutes: f64 = setting("DUTYBOARD_SOAK_MINUTES").map_or(60.0, |text| text.parse().expect("a number of minutes"));
    let end = Instant::now() + Duration::from_secs_f64(minutes * 60.0);
    let mut count = 0;
    while count == 0 || Instant::now() < end {
        crate::harness::seeds(1).into_iter().for_each(&case);
        count += 1;
    }
    eprintln!("{count} cases");
}

fn history(engine: Engine, seed: u64) {
    let mut history = History::with_phones(engine, seed, PHONES_EACH);
    if engine == Engine::Postgres {
        history.add_server();
    }
    for step in 0..STEPS {
        history.step();
        if step % 40 == 39 {
            trouble(&mut history, engine);
        }
    }
    history.come_to_rest();
    checks::all(&history.world, &history.phones).unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
}

fn trouble(history: &mut History, engine: Engine) {
    match history.dice.below(5) {
        0 => history.world.clock.advance(24 * HOUR),
        1 => history.world.clock.advance(-24 * HOUR),
        2 => history.restart(),
        3 if engine == Engine::Postgres => crate::harness::engine::cut_connections(&history.world.scratch),
        _ => {
            fill_up(&history.world, engine);
            (0..30).for_each(|_| history.phones_only());
            make_room(&history.world, engine);
        }
    }
}

macro_rules! long {
    ($($name:ident: $engine:ident => $case:expr;)*) => {$(
        #[test]
        #[ignore = "hours: tests/run soak"]
        fn $name() {
            Engine::$engine.run(|engine| for_a_long_time(|seed| $case(engine, seed)));
        }
    )*};
}

long! {
    histories_on_sqlite: Sqlite => history;
    histories_on_postgres: Postgres => history;
    restores_on_sqlite: Sqlite => |engine, seed| days_with_restores(engine, &mut Dice::new(seed));
    restores_on_postgres: Postgres => |engine, seed| days_with_restores(engine, &mut Dice::new(seed));
}
