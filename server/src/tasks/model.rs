//! Rows and wire rows of the tasks room.

use super::kinds::{BoxState, CatchUp, Kind, Quadrant, Slot};
use super::packs;
use crate::db::schema::{board_box, box_note, pack};
use crate::door::{Audience, Bucket, Wire};
use crate::kit::refusal::Stop;
use crate::kit::text::Text;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = pack, primary_key(workspace_id, id))]
pub struct PackRow {
    pub workspace_id: String,
    pub id: String,
    pub team_id: String,
    pub code: String,
    pub enabled: bool,
}

impl PackRow {
    /// # Errors
    /// `Fault` for a code that is no longer shipped.
    pub fn wire(&self) -> Result<Pack, Stop> {
        let shipped = packs::pack(&self.code).ok_or_else(|| Stop::fault(format!("no pack {}", self.code)))?;
        let tasks = shipped
            .tasks
            .iter()
            .map(|task| PackTask {
                code: task.id.clone(),
                title: task.title.clone(),
                role: task.role.clone(),
                kind: task.kind,
                quadrant: task.quadrant,
                when: task.when(),
            })
            .collect();
        Ok(Pack {
            id: self.id.clone(),
            team_id: self.team_id.clone(),
            code: self.code.clone(),
            position: packs::all().iter().position(|pack| pack.id == self.code).unwrap_or_default(),
            name: shipped.name.clone(),
            enabled: self.enabled,
            tasks,
        })
    }
}

/// A shipped task of a pack, as a supervisor reads it before switching the pack on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct PackTask {
    pub code: String,
    pub title: Text,
    pub role: String,
    pub kind: Kind,
    pub quadrant: Quadrant,
    pub when: Text,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Pack {
    pub id: String,
    pub team_id: String,
    pub code: String,
    /// Place among the shipped packs.
    pub position: usize,
    pub name: Text,
    pub enabled: bool,
    pub tasks: Vec<PackTask>,
}

impl Wire for Pack {
    const KIND: &'static str = "pack";
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        Audience::from([Bucket::Supervisors(self.team_id.clone())])
    }
}

/// The row of a box. Documents (`former_ids`, `checklist`) are JSON text; states and kinds are their wire names.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = board_box, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct BoxRow {
    pub workspace_id: String,
    pub id: String,
    pub team_id: String,
    pub day: String,
    pub origin: String,
    pub pack_code: Option<String>,
    pub task_code: Option<String>,
    /// Names the row of boxes this one belongs to, day after day (`PlannedBox::series`).
    pub series: Option<String>,
    pub slot: Option<String>,
    pub title_zh: String,
    pub title_en: String,
    pub skill_code: Option<String>,
    pub kind: String,
    pub start_at: Option<i64>,
    pub end_at: Option<i64>,
    pub due_at: Option<i64>,
    pub cutoff: bool,
    pub quadrant: String,
    pub catch_up: String,
    pub state: String,
    pub assignee_id: Option<String>,
    pub former_ids: String,
    /// Assigned, moved or edited by a person: the planner keeps its hands off.
    pub by_hand: bool,
    pub checklist: String,
    pub started_at: Option<i64>,
    pub started_by: Option<String>,
    pub finished_at: Option<i64>,
    pub finished_by: Option<String>,
    pub late: bool,
    pub skip_reason: Option<String>,
    pub carried_from: Option<String>,
    pub created_by: Option<String>,
    pub archived: bool,
}

impl BoxRow {
    /// # Errors
    /// `Fault` when the stored text is not one of ours.
    pub fn state(&self) -> Result<BoxState, Stop> {
        self.state.parse().map_err(|()| unreadable(&self.id))
    }

    /// # Errors
    /// `Fault` when the stored document is not readable.
    pub fn former_ids(&self) -> Result<Vec<String>, Stop> {
        Ok(serde_json::from_str(&self.former_ids)?)
    }

    /// # Errors
    /// `Fault` when the stored document is not readable.
    pub fn checklist(&self) -> Result<Vec<CheckItem>, Stop> {
        Ok(serde_json::from_str(&self.checklist)?)
    }

    pub fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "todo" | "doing")
    }

    /// # Errors
    /// `Fault` when stored text is not one of ours.
    pub fn wire(&self, notes: Vec<NoteRow>) -> Result<BoardBox, Stop> {
        Ok(BoardBox {
            id: self.id.clone(),
            team_id: self.team_id.clone(),
            day: self.day.clone(),
            origin: self.origin.clone(),
            pack_code: self.pack_code.clone(),
            task_code: self.task_code.clone(),
            slot: self.slot.as_deref().map(str::parse).transpose().map_err(|()| unreadable(&self.id))?,
            title: Text { zh: self.title_zh.clone(), en: self.title_en.clone() },
            skill_code: self.skill_code.clone(),
            kind: self.kind.parse().map_err(|()| unreadable(&self.id))?,
            start_at: self.start_at,
            end_at: self.end_at,
            due_at: self.due_at,
            cutoff: self.cutoff,
            quadrant: self.quadrant.parse().map_err(|()| unreadable(&self.id))?,
            catch_up: self.catch_up.parse().map_err(|()| unreadable(&self.id))?,
            state: self.state()?,
            assignee_id: self.assignee_id.clone(),
            former_ids: self.former_ids()?,
            checklist: self.checklist()?,
            notes: notes.into_iter().map(NoteRow::wire).collect(),
            started_at: self.started_at,
            started_by: self.started_by.clone(),
            finished_at: self.finished_at,
            finished_by: self.finished_by.clone(),
            late: self.late,
            skip_reason: self.skip_reason.clone(),
            carried_from: self.carried_from.clone(),
            created_by: self.created_by.clone(),
            archived: self.archived,
        })
    }
}

fn unreadable(id: &str) -> Stop {
    Stop::fault(format!("box {id} holds a word that is not ours"))
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct CheckItem {
    pub text: Text,
    pub done: bool,
}

#[derive(Debug, Clone, Queryable, Insertable)]
#[diesel(table_name = box_note)]
pub struct NoteRow {
    pub workspace_id: String,
    pub id: String,
    pub box_id: String,
    pub author_id: String,
    pub text: String,
    pub at: i64,
}

impl NoteRow {
    fn wire(self) -> Note {
        Note { id: self.id, author_id: self.author_id, text: self.text, at: self.at }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Note {
    pub id: String,
    pub author_id: String,
    pub text: String,
    pub at: i64,
}

/// A box of the day's board. Instants in UTC ms; `due_at` is what "overdue" compares with, and a hard cut-off of the trade
/// when `cutoff`. `started_by`: who works on it while `doing`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts", rename = "Box"))]
#[schema(as = Box)]
pub struct BoardBox {
    pub id: String,
    pub team_id: String,
    pub day: String,
    #[cfg_attr(test, ts(type = "\"pack\" | \"own\""))]
    pub origin: String,
    pub pack_code: Option<String>,
    pub task_code: Option<String>,
    pub slot: Option<Slot>,
    pub title: Text,
    pub skill_code: Option<String>,
    pub kind: Kind,
    pub start_at: Option<i64>,
    pub end_at: Option<i64>,
    pub due_at: Option<i64>,
    pub cutoff: bool,
    pub quadrant: Quadrant,
    pub catch_up: CatchUp,
    pub state: BoxState,
    pub assignee_id: Option<String>,
    pub former_ids: Vec<String>,
    pub checklist: Vec<CheckItem>,
    pub notes: Vec<Note>,
    pub started_at: Option<i64>,
    pub started_by: Option<String>,
    pub finished_at: Option<i64>,
    pub finished_by: Option<String>,
    pub late: bool,
    pub skip_reason: Option<String>,
    pub carried_from: Option<String>,
    pub created_by: Option<String>,
    #[serde(skip)]
    pub archived: bool,
}

impl Wire for BoardBox {
    const KIND: &'static str = "box";
    fn id(&self) -> &str {
        &self.id
    }
    /// Its assignee and the supervisors; while nobody has it, the whole team.
    fn audience(&self) -> Audience {
        if self.archived {
            return Audience::new();
        }
        let whom = match &self.assignee_id {
            Some(person) => Bucket::User(person.clone()),
            None => Bucket::Team(self.team_id.clone()),
        };
        Audience::from([whom, Bucket::Supervisors(self.team_id.clone())])
    }
}
