//! How a workspace begins: owner, first team, skills, the shipped shift types and the shipped packs (switched on).

use crate::auth::{links, passwords, sessions};
use crate::customers::command::{CarePolicySave, CustomersCommand};
use crate::db::Db;
use crate::door::{Actor, Door, Via};
use crate::kit::ids;
use crate::kit::refusal::Stop;
use crate::kit::text::{Locale, Text};
use crate::outreach::command::{OutreachCommand, OutreachShip};
use crate::rooms::Command;
use crate::roster::command::{RosterCommand, ShiftTypeSave};
use crate::tasks::command::{PackSwitch, TasksCommand};
use crate::tasks::packs;
use crate::team;
use crate::team::command::{TeamCommand, WorkspaceFound};
use crate::team::model::PersonRow;

pub struct Founding {
    pub workspace: String,
    pub zone: String,
    pub locale: Locale,
    pub owner: String,
    pub login: String,
    pub password: String,
    pub email: Option<String>,
}

/// Letter, Chinese, English, start, minutes, skill, colour (source: `shifts` of the shipped task data; rows 84, 89, 96).
const SHIFTS: [(&str, &str, &str, &str, i32, &str, i32); 4] = [
    ("早", "售前日班", "Presale day", "08:30", 540, "presale", 0),
    ("后", "售后日班", "After-sales day", "09:00", 540, "aftersale", 1),
    ("晚", "晚班", "Night", "17:30", 360, "night", 2),
    ("管", "主管班", "Supervisor", "08:30", 585, "supervisor", 3),
];

/// A VIP is called once a month (row 42); the longest gap is ours.
const CARE_DAYS: (i32, i32) = (30, 45);

/// Minutes before the start that one should be in place (row 66).
const ARRIVE_EARLY_MIN: i32 = 10;

impl Founding {
    /// Makes the workspace in one transaction, using up the set-up link when there is one.
    ///
    /// # Errors
    /// `weak_password`, `duplicate_login`, `bad_value`, `link_expired`: nothing is made.
    pub fn found(&self, db: &Db, door: &Door, link_hash: Option<String>) -> Result<PersonRow, Stop> {
        passwords::check_strength(&self.password, &self.login)?;
        let hash = passwords::hash(&self.password)?;
        let workspace_id = ids::fresh();
        let owner_id = ids::fresh();
        let team_id = ids::fresh();
        let now = door.clock.now_ms();
        let commands = self.commands(&workspace_id, &owner_id, &team_id);
        let system = Actor::system(&workspace_id, Via::Cli);
        let id = owner_id.clone();
        door.found(&workspace_id, move |writing| {
            if let Some(link_hash) = link_hash {
                links::consume(writing.ledger(), links::Purpose::Setup, &link_hash, now)?;
            }
            for command in &commands {
                writing.attempt(&system, command, None)?;
            }
            sessions::set_password(writing.ledger(), &system.workspace_id, &id, &hash)
        })?;
        db.read(|conn| team::person(conn, &workspace_id, &owner_id))
    }

    fn commands(&self, workspace_id: &str, owner_id: &str, team_id: &str) -> Vec<Command> {
        let found = WorkspaceFound {
            name: self.workspace.clone(),
            zone: self.zone.clone(),
            locale: self.locale,
            team_id: team_id.to_owned(),
            owner_id: owner_id.to_owned(),
            owner_name: self.owner.clone(),
            login: self.login.clone(),
            email: self.email.clone(),
        };
        let mut all = vec![Command::Team(TeamCommand::WorkspaceFound(found))];
        for (letter, zh, en, start, length_min, skill, hue) in SHIFTS {
            let shift_type = ShiftTypeSave {
                id: ids::derived(&[workspace_id, "shift_type", skill]),
                letter: letter.into(),
                name: Text { zh: zh.into(), en: en.into() },
                start: start.into(),
                length_min,
                arrive_early_min: ARRIVE_EARLY_MIN,
                skill_code: skill.into(),
                hue,
                archived: false,
            };
            all.push(Command::Roster(RosterCommand::ShiftTypeSave(shift_type)));
        }
        let monthly = CarePolicySave {
            id: ids::derived(&[workspace_id, "care", "monthly"]),
            name: Text::new("VIP", "VIP"),
            ideal_days: CARE_DAYS.0,
            longest_days: CARE_DAYS.1,
            enabled: true,
        };
        all.push(Command::Customers(CustomersCommand::CarePolicySave(monthly)));
        all.push(Command::Outreach(OutreachCommand::OutreachShip(OutreachShip {})));
        for pack in packs::all() {
            let switch = PackSwitch { team_id: team_id.to_owned(), code: pack.id.clone(), enabled: pack.enabled_by_default };
            all.push(Command::Tasks(TasksCommand::PackSwitch(switch)));
        }
        all
    }
}
