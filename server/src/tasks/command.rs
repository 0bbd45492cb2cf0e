//! Writes of the tasks room: load, decide, store.

use super::kinds::{BoxState, CatchUp, Kind, Quadrant};
use super::model::{BoxRow, NoteRow};
use super::rules::{self, Standing};
use super::{board, edit, store};
use crate::door::Tx;
use crate::kit::refusal::{Code, Stop};
use crate::kit::text::Text;
use crate::kit::{ids, zone};
use crate::team;

crate::commands! { TasksCommand {
    "pack.switch" PackSwitch: Supervisor => board::switch_pack,
    "board.make" BoardMake: System => board::make,
    "board.remake" BoardRemake: System => board::remake,
    "board.retire" BoardRetire: System => board::retire,
    "board.tomorrow_mail" BoardTomorrowMail: System => super::tomorrow::send,
    "box.create" BoxCreate: Anyone => create,
    "box.edit" BoxEdit: Supervisor => edit::edit,
    "box.start" BoxStart: Anyone => start,
    "box.finish" BoxFinish: Anyone => finish,
    "box.reopen" BoxReopen: Anyone => reopen,
    "box.skip" BoxSkip: Anyone => skip,
    "box.check" BoxCheck: Anyone => check,
    "box.note" BoxNote: Anyone => note,
    "box.hand" BoxHand: Anyone => edit::hand,
    "box.take" BoxTake: Anyone => edit::take,
    "box.assign" BoxAssign: Supervisor => edit::assign,
    "box.quadrant" BoxQuadrant: Supervisor => edit::quadrant,
} }

crate::args! {
    PackSwitch { team_id: String, code: String, enabled: bool, }
    /// Makes the board of one business day, after closing the days before it.
    BoardMake { team_id: String, day: String, }
    /// Makes a board again whose roster or packs have changed.
    BoardRemake { team_id: String, day: String, }
    /// Takes closed boxes of days before this one off the phones; the history stays.
    BoardRetire { before: String, }
    BoardTomorrowMail { person_id: String, day: String, base_url: String, }
    /// A task that somebody adds by hand. Instants in UTC ms.
    BoxCreate {
        id: String, day: String, title: String, quadrant: Quadrant,
        #[cfg_attr(test, ts(type = "\"timebox\" | \"deadline\" | \"anytime\""))] kind: Kind,
        start_at: Option<i64>, end_at: Option<i64>, due_at: Option<i64>, assignee_id: Option<String>,
    }
    /// Changes a task's words, its times, or both; times are replaced as a whole.
    BoxEdit {
        id: String,
        #[cfg_attr(test, ts(optional))] title: Option<Text>,
        #[cfg_attr(test, ts(optional))] times: Option<BoxTimes>,
    }
    /// When a task is to be done. Instants in UTC ms; a window without a deadline of its own is due at its end.
    BoxTimes { kind: Kind, start_at: Option<i64>, end_at: Option<i64>, due_at: Option<i64>, }
    BoxStart { id: String, }
    BoxFinish { id: String, }
    BoxReopen { id: String, }
    BoxSkip { id: String, reason: String, }
    BoxCheck { id: String, index: usize, done: bool, }
    BoxNote { id: String, note_id: String, text: String, }
    BoxHand { id: String, to: String, }
    BoxTake { id: String, }
    BoxAssign { id: String, to: Option<String>, }
    BoxQuadrant { id: String, quadrant: Quadrant, }
}

/// Loads a box and how the actor stands to it. A box that the actor cannot see is as good as gone.
pub(super) fn load(tx: &mut Tx<'_>, id: &str) -> Result<(BoxRow, Standing), Stop> {
    let workspace_id = tx.workspace_id();
    let row = store::one_box(tx.conn(), workspace_id, id)?;
    let who = rules::standing(tx.actor(), &row)?;
    Ok((row, who))
}

fn start(tx: &mut Tx<'_>, args: &BoxStart) -> Result<(), Stop> {
    let (before, who) = load(tx, &args.id)?;
    let after = rules::start(&before, who, &tx.actor().user_id, tx.happened_at())?;
    store::save_box(tx, Some(&before), &after)
}

fn finish(tx: &mut Tx<'_>, args: &BoxFinish) -> Result<(), Stop> {
    let (before, who) = load(tx, &args.id)?;
    let after = rules::finish(&before, who, &tx.actor().user_id, tx.happened_at())?;
    store::save_box(tx, Some(&before), &after)
}

fn reopen(tx: &mut Tx<'_>, args: &BoxReopen) -> Result<(), Stop> {
    let (before, who) = load(tx, &args.id)?;
    let after = rules::reopen(&before, who)?;
    store::save_box(tx, Some(&before), &after)
}

fn skip(tx: &mut Tx<'_>, args: &BoxSkip) -> Result<(), Stop> {
    let (before, who) = load(tx, &args.id)?;
    let after = rules::skip(&before, who, &tx.actor().user_id, &args.reason, tx.happened_at())?;
    store::save_box(tx, Some(&before), &after)
}

fn check(tx: &mut Tx<'_>, args: &BoxCheck) -> Result<(), Stop> {
    let (before, who) = load(tx, &args.id)?;
    let after = rules::check(&before, who, args.index, args.done)?;
    store::save_box(tx, Some(&before), &after)
}

fn note(tx: &mut Tx<'_>, args: &BoxNote) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.note_id)?;
    let (row, who) = load(tx, &args.id)?;
    if who == Standing::Stranger {
        return Err(Code::Forbidden.into());
    }
    let text = rules::typed(&args.text, rules::NOTE_MAX)?;
    if store::note_exists(tx.conn(), workspace_id, &args.note_id)? {
        return Err(Code::Conflict.into());
    }
    let note = NoteRow {
        workspace_id: tx.workspace_id().into(),
        id: args.note_id.clone(),
        box_id: row.id.clone(),
        author_id: tx.actor().user_id.clone(),
        text,
        at: tx.happened_at(),
    };
    store::add_note(tx, &row, &note)
}

/// Agents add tasks for themselves; supervisors for anybody of the team, or for the pool.
fn create(tx: &mut Tx<'_>, args: &BoxCreate) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    zone::parse_day(&args.day).ok_or(Stop::from(Code::BadTime))?;
    rules::times(args.kind, args.start_at, args.end_at, args.due_at)?;
    if matches!(args.kind, Kind::Standing | Kind::Sweep | Kind::Meeting) {
        return Err(Code::BadValue.into());
    }
    if store::find_box(tx.conn(), workspace_id, &args.id)?.is_some() {
        return Err(Code::Conflict.into());
    }
    let actor = tx.actor();
    let team_id = match &args.assignee_id {
        Some(id) => team::person(tx.conn(), workspace_id, id)?.team_id,
        None => actor.team_id.clone(),
    };
    let for_self = args.assignee_id.as_deref() == Some(actor.user_id.as_str());
    if !for_self && !actor.oversees(&team_id) {
        return Err(Code::Forbidden.into());
    }
    let title = rules::typed(&args.title, rules::TITLE_MAX)?;
    let row = BoxRow {
        workspace_id: tx.workspace_id().into(),
        id: args.id.clone(),
        team_id,
        day: args.day.clone(),
        origin: "own".into(),
        pack_code: None,
        task_code: None,
        series: None,
        slot: None,
        title_zh: title.clone(),
        title_en: title,
        skill_code: None,
        kind: args.kind.as_str().into(),
        start_at: args.start_at,
        end_at: args.end_at,
        due_at: args.due_at.or(args.end_at),
        cutoff: false,
        quadrant: args.quadrant.as_str().into(),
        // What a person wrote down stays until somebody does it.
        catch_up: CatchUp::Carry.as_str().into(),
        state: BoxState::Todo.as_str().into(),
        assignee_id: args.assignee_id.clone(),
        former_ids: "[]".into(),
        by_hand: true,
        checklist: "[]".into(),
        started_at: None,
        started_by: None,
        finished_at: None,
        finished_by: None,
        late: false,
        skip_reason: None,
        carried_from: None,
        created_by: Some(actor.user_id.clone()),
        archived: false,
    };
    store::save_box(tx, None, &row)
}
