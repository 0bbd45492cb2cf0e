//! The closed words of a box: quadrant, kind, catch-up policy, state, slot. Written the same way in YAML, JSON and the database.

crate::words! {
    /// Four quadrants of the day (rule 133).
    Quadrant {
        /// Urgent and important.
        Q1 "Q1",
        /// Important.
        Q2 "Q2",
        /// Urgent.
        Q3 "Q3",
        /// Neither.
        Q4 "Q4",
    }
    /// How a box sits in the day.
    Kind {
        /// Work with a start and an end, one at a time.
        Timebox "timebox",
        /// Done before an instant.
        Deadline "deadline",
        /// Done somewhere in the shift.
        Anytime "anytime",
        /// Goes on beside everything else.
        Standing "standing",
        /// A look round at fixed times, several in a day.
        Sweep "sweep",
        /// A time box that needs company.
        Meeting "meeting",
    }
    /// What becomes of a box that nobody finished.
    CatchUp {
        /// Missed at the end of its day.
        Skip "skip",
        /// Missed when a newer one is made: only the newest stays open.
        Collapse "collapse",
        /// Kept until done; no newer one is made meanwhile.
        Carry "carry",
        /// Every one stays.
        Pile "pile",
    }
    /// State of a box; the moves between them are in the contract.
    BoxState {
        Todo "todo",
        Doing "doing",
        Done "done",
        Skipped "skipped",
        Missed "missed",
    }
    /// Agent 1 and agent 2 of a role (rule 84).
    Slot {
        A "A",
        B "B",
    }
}

impl Kind {
    /// Whether the box takes its person's whole attention between its start and its end.
    pub fn fills_time(self) -> bool {
        matches!(self, Kind::Timebox | Kind::Meeting)
    }
}

impl BoxState {
    /// Still to be finished.
    pub fn is_open(self) -> bool {
        matches!(self, BoxState::Todo | BoxState::Doing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_in_json_and_text() {
        fn check<T>(all: &[T], text: fn(T) -> &'static str)
        where
            T: Copy + PartialEq + std::fmt::Debug + serde::Serialize + std::str::FromStr<Err = ()>,
        {
            for word in all {
                assert_eq!(serde_json::to_value(word).expect("writes"), text(*word));
                assert_eq!(text(*word).parse::<T>(), Ok(*word));
            }
        }
        check(Quadrant::ALL, Quadrant::as_str);
        check(Kind::ALL, Kind::as_str);
        check(CatchUp::ALL, CatchUp::as_str);
        check(BoxState::ALL, BoxState::as_str);
        check(Slot::ALL, Slot::as_str);
        assert_eq!("q1".parse::<Quadrant>(), Err(()));
    }
}
