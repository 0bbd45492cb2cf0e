//! Pure decisions of the roster: no database, no clock.

use super::model::AssignmentRow;
use crate::kit::refusal::{Code, Refusal};

/// Cells one `roster.set` may carry: a team of fifty for a week.
pub const CELLS_MAX: usize = 400;
/// A shift is at most a day long.
pub const LENGTH_MAX_MIN: i32 = 24 * 60;

/// Two shifts of one person must not overlap; touching ends are fine.
///
/// # Errors
/// `shift_overlap`, naming the day.
pub fn no_overlap(shifts: &[AssignmentRow]) -> Result<(), Refusal> {
    let mut sorted: Vec<&AssignmentRow> = shifts.iter().collect();
    sorted.sort_by_key(|shift| shift.starts_at);
    match sorted.windows(2).find(|pair| pair[0].ends_at > pair[1].starts_at) {
        Some(pair) => Err(Refusal::because(Code::ShiftOverlap, pair[1].day.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(starts_at: i64, ends_at: i64) -> AssignmentRow {
        AssignmentRow {
            workspace_id: "w".into(),
            id: format!("{starts_at}"),
            team_id: "t".into(),
            person_id: "p".into(),
            day: "2026-03-02".into(),
            shift_type_id: "s".into(),
            start: "08:30".into(),
            length_min: 1,
            arrive_early_min: 0,
            zone: "Asia/Shanghai".into(),
            skill_code: "presale".into(),
            letter: "早".into(),
            name_zh: "早".into(),
            name_en: "Early".into(),
            shop_id: None,
            seat_id: None,
            starts_at,
            ends_at,
            archived: false,
        }
    }

    #[test]
    fn overlapping_shifts_are_refused_touching_ones_are_not() {
        assert!(no_overlap(&[]).is_ok());
        assert!(no_overlap(&[shift(10, 20), shift(0, 10)]).is_ok());
        assert_eq!(no_overlap(&[shift(9, 20), shift(0, 10)]).map_err(|r| r.code), Err(Code::ShiftOverlap));
    }
}
