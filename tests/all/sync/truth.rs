//! The oracle: what a person may see, worked out from the rooms' own rows by rules written a second time here, from the
//! contract and not from the code under test.

use crate::harness::World;
use crate::harness::phone::View;
use diesel::prelude::*;
use dutyboard::db::schema::{assignment, board_box, reject};
use dutyboard::door::Role;
use dutyboard::door::publish::Image;
use dutyboard::{rooms, team};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// Who is shown a row.
enum Group {
    Everyone,
    User(String),
    Team(String),
    Supervisors(String),
}

pub struct Truth {
    pub images: Vec<Image>,
    /// Who is shown each image.
    audiences: Vec<Vec<Group>>,
    /// Role, team, active.
    people: HashMap<String, (Role, String, bool)>,
    /// Keys of rows that are history only.
    archived: HashSet<String>,
    /// Team whose supervisors a refusal was handed to.
    reject_teams: HashMap<String, String>,
}

impl Truth {
    pub fn of(world: &World) -> Self {
        let workspace = &world.cast.workspace;
        world.read(|conn| {
            let people = team::store::people(conn, workspace)?;
            let people = people.into_iter().map(|row| (row.id.clone(), (row.role().expect("a role"), row.team_id, row.active)));
            let people = people.collect();
            let boxes: Vec<String> = board_box::table.filter(board_box::archived.eq(true)).select(board_box::id).load(conn)?;
            let shifts: Vec<String> =
                assignment::table.filter(assignment::archived.eq(true)).select(assignment::id).load(conn)?;
            let keys = |kind: &'static str, ids: Vec<String>| ids.into_iter().map(move |id| format!("{kind}/{id}"));
            let archived = keys("box", boxes).chain(keys("assignment", shifts)).collect();
            let rejects: Vec<(String, String)> = reject::table.select((reject::id, reject::team_id)).load(conn)?;
            let reject_teams = rejects.into_iter().collect();
            let mut truth =
                Truth { images: rooms::images(conn, workspace)?, audiences: Vec::new(), people, archived, reject_teams };
            truth.audiences = truth.images.iter().map(|image| truth.groups(image)).collect();
            Ok(truth)
        })
    }

    pub fn is_active(&self, user: &str) -> bool {
        self.people[user].2
    }

    /// Everything the person may see, and nothing else.
    pub fn allowed(&self, user: &str) -> View {
        let shown = self.images.iter().zip(&self.audiences).filter(|(image, audience)| self.sees(user, image, audience));
        shown.map(|(image, _)| (image.key.clone(), image.body.as_str().into())).collect()
    }

    fn sees(&self, user: &str, image: &Image, audience: &[Group]) -> bool {
        let (role, team, _) = &self.people[user];
        !self.archived.contains(&image.key)
            && audience.iter().any(|group| match group {
                Group::Everyone => true,
                Group::User(id) => id == user,
                Group::Team(id) => *role == Role::Owner || id == team,
                Group::Supervisors(id) => *role == Role::Owner || (*role == Role::Supervisor && id == team),
            })
    }

    fn groups(&self, image: &Image) -> Vec<Group> {
        let row: Value = serde_json::from_str(&image.body).expect("JSON");
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        match image.kind {
            "workspace" | "team" | "shop" | "skill" | "seat" | "person" | "shift_type" | "chain" | "outreach_reason"
            | "outreach_hours" => {
                vec![Group::Everyone]
            }
            "person_private" => vec![Group::User(text("id")), Group::Supervisors(self.people[&text("id")].1.clone())],
            "assignment" => vec![Group::User(text("person_id")), Group::Team(text("team_id"))],
            "pack" => vec![Group::Supervisors(text("team_id"))],
            "box" => {
                let holder = row["assignee_id"].as_str().map(str::to_owned);
                let whose = holder.map_or_else(|| Group::Team(text("team_id")), Group::User);
                vec![whose, Group::Supervisors(text("team_id"))]
            }
            "notice" => {
                let sender = row["sender_id"].as_str().map(|id| Group::User(id.into()));
                [Group::User(text("to_id")), Group::Supervisors(text("team_id"))].into_iter().chain(sender).collect()
            }
            "reject" => {
                let handed = row["handed"] == true;
                let teams = handed.then(|| Group::Supervisors(self.reject_teams[&text("id")].clone()));
                std::iter::once(Group::User(text("user_id"))).chain(teams).collect()
            }
            other => panic!("a new kind of row, {other}: say here who may see it"),
        }
    }
}

/// The first differences between two views, in words.
pub fn differences(left: &View, right: &View) -> Result<(), String> {
    let mut found = Vec::new();
    for (key, body) in left {
        match right.get(key) {
            None => found.push(format!("only left: {key}")),
            Some(other) if other != body => found.push(format!("{key}: {body} and {other}")),
            Some(_) => {}
        }
    }
    found.extend(right.keys().filter(|key| !left.contains_key(*key)).map(|key| format!("only right: {key}")));
    if found.is_empty() {
        return Ok(());
    }
    let count = found.len();
    found.truncate(5);
    Err(format!("{count} differences: {}", found.join("; ")))
}
