//! The people every world begins with: an owner, two teams with a supervisor each, and agents of every skill. All ids are
//! fixed, so that a seed means the same history in every run.

use dutyboard::app::App;
use dutyboard::auth::{keys, links, passwords, sessions};
use dutyboard::door::{Actor, Role, Via};
use dutyboard::kit::clock::Clock;
use dutyboard::kit::ids;
use dutyboard::rooms::Command;
use serde_json::{Value, json};
use std::sync::OnceLock;

pub const PASSWORD: &str = "correct-horse-battery";

#[derive(Debug, Clone)]
pub struct Cast {
    pub workspace: String,
    /// Logins come with this in front, because a login is unique on the whole server.
    pub prefix: String,
    pub team_1: String,
    pub team_2: String,
    pub owner: String,
    /// Supervisor and agents of team 1.
    pub sup_1: String,
    pub ann: String,
    pub bea: String,
    pub cai: String,
    pub dan: String,
    /// Supervisor and agents of team 2.
    pub sup_2: String,
    pub eva: String,
    pub fan: String,
}

/// Name in the cast, role, team, skill.
const PEOPLE: [(&str, Role, u8, &str); 8] = [
    ("sup_1", Role::Supervisor, 1, "supervisor"),
    ("ann", Role::Agent, 1, "presale"),
    ("bea", Role::Agent, 1, "presale"),
    ("cai", Role::Agent, 1, "aftersale"),
    ("dan", Role::Agent, 1, "night"),
    ("sup_2", Role::Supervisor, 2, "supervisor"),
    ("eva", Role::Agent, 2, "presale"),
    ("fan", Role::Agent, 2, "aftersale"),
];

/// Skill, start, minutes. Every skill has one shift type.
const SHIFTS: [(&str, &str, i32); 4] =
    [("presale", "08:30", 540), ("aftersale", "09:00", 540), ("night", "17:30", 360), ("supervisor", "08:30", 585)];

impl Default for Cast {
    fn default() -> Self {
        Cast::named("first", "")
    }
}

impl Cast {
    /// A workspace of its own whose people, teams and everything else have the same ids as in any other cast.
    pub fn named(workspace: &str, prefix: &str) -> Self {
        let id = |name: &str| ids::derived(&["cast", name]);
        Cast {
            workspace: id(workspace),
            prefix: prefix.into(),
            team_1: id("team_1"),
            team_2: id("team_2"),
            owner: id("owner"),
            sup_1: id("sup_1"),
            ann: id("ann"),
            bea: id("bea"),
            cai: id("cai"),
            dan: id("dan"),
            sup_2: id("sup_2"),
            eva: id("eva"),
            fan: id("fan"),
        }
    }

    pub fn people(&self) -> Vec<String> {
        PEOPLE.iter().map(|(name, ..)| ids::derived(&["cast", name])).collect()
    }

    pub fn shift_type(&self, skill: &str) -> String {
        ids::derived(&["cast", "shift_type", skill])
    }

    pub fn login(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Makes the workspace of the default cast.
    pub fn found(app: &App, clock: &Clock) {
        Cast::default().found_in(app, "Asia/Shanghai");
        assert_eq!(clock.now_ms(), app.door.clock.now_ms());
    }

    pub fn found_in(&self, app: &App, zone: &str) {
        let system = Actor::system(&self.workspace, Via::Cli);
        let first = json!({ "name": "晴天", "zone": zone, "locale": "zh-CN", "team_id": self.team_1, "owner_id": self.owner,
            "owner_name": "owner", "login": self.login("owner"), "email": "owner@example.com" });
        let found = command("workspace.found", first);
        let by = system.clone();
        app.door.found(&self.workspace, move |writing| writing.attempt(&by, &found, None)).expect("a workspace");
        let run = |name: &str, args: Value| app.door.execute(&system, command(name, args), None).expect(name);
        run("team.save", json!({ "id": self.team_2, "name": "二组", "archived": false }));
        for (skill, start, length_min) in SHIFTS {
            let name = json!({ "zh": skill, "en": skill });
            run(
                "shift_type.save",
                json!({ "id": self.shift_type(skill), "letter": &skill[..1], "name": name, "start": start,
                "length_min": length_min, "arrive_early_min": 10, "skill_code": skill, "hue": 0, "archived": false }),
            );
        }
        for (name, role, team, skill) in PEOPLE {
            let team_id = if team == 1 { &self.team_1 } else { &self.team_2 };
            let skill_id = ids::derived(&[&self.workspace, "skill", skill]);
            run(
                "person.invite",
                json!({ "id": ids::derived(&["cast", name]), "name": name, "login": self.login(name),
                "email": null, "role": role, "team_id": team_id, "skill_ids": [skill_id], "locale": "zh-CN" }),
            );
        }
        for (team_id, packs) in [(&self.team_1, 3), (&self.team_2, 1)] {
            for pack in dutyboard::tasks::packs::all().iter().take(packs) {
                run("pack.switch", json!({ "team_id": team_id, "code": pack.id, "enabled": true }));
            }
        }
        run("outreach.ship", json!({}));
        self.let_in(app);
    }

    /// Everybody has the same password: hashing it is slow on purpose.
    fn let_in(&self, app: &App) {
        static HASH: OnceLock<String> = OnceLock::new();
        let hash = HASH.get_or_init(|| passwords::hash(PASSWORD).expect("a hash"));
        let (workspace, owner) = (self.workspace.clone(), self.owner.clone());
        app.door.upkeep(move |conn| sessions::set_password(conn, &workspace, &owner, hash)).expect("a password");
        let system = Actor::system(&self.workspace, Via::Job);
        for person in self.people() {
            let (workspace, invited, now) = (self.workspace.clone(), person.clone(), app.door.clock.now_ms());
            let make = move |conn: &mut _| links::make(conn, links::Purpose::Invitation, Some((&workspace, &invited)), now);
            let secret = app.door.upkeep(make).expect("a link");
            let accept = json!({ "person_id": person, "link_hash": keys::fingerprint(&secret), "password_hash": hash });
            app.door.execute(&system, command("auth.accept", accept), None).expect("a password");
        }
    }
}

pub fn command(name: &str, args: Value) -> Command {
    Command::parse(name, args).unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
}
