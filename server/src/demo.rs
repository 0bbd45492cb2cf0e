//! The demo: a fresh folder, a made-up shop with people, a filled roster and the day's board.

mod buyers;
mod chains;

use crate::app::App;
use crate::app::founding::Founding;
use crate::app::serve::{self, bind, install_metrics};
use crate::auth::command::{AuthAccept, AuthCommand};
use crate::auth::links::{self, Purpose};
use crate::auth::{keys, passwords};
use crate::config::{Config, ImapOptions, MailLimits, Nightly};
use crate::door::{Actor, Role, Via};
use crate::kit::clock::Clock;
use crate::kit::refusal::Stop;
use crate::kit::text::Locale;
use crate::kit::{ids, zone};
use crate::ops::presence;
use crate::rooms::Command;
use crate::roster::command::{RosterCell, RosterCommand, RosterSet};
use crate::team::command::{PersonInvite, PersonUpdate, SeatSave, ShopSave, TeamCommand};
use crate::team::model::Platform;
use crate::{jobs, roster, team};
use chrono::Days;
use clap::Parser;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

const ZONE: chrono_tz::Tz = chrono_tz::Asia::Shanghai;
const PASSWORD: &str = "dutyboard-demo";
/// Days around today that have a roster.
const DAYS_BEFORE: u64 = 7;
const DAYS_AFTER: u64 = 14;

#[derive(Parser, Debug)]
pub struct Options {
    /// Address and port to listen on
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: String,
    /// Folder for the demo's data; without it, a fresh one
    #[arg(long)]
    data: Option<PathBuf>,
    /// Print one line of JSON with url and logins, for scripts
    #[arg(long)]
    json: bool,
    /// Start at this local time (YYYY-MM-DDTHH:MM, Asia/Shanghai) instead of now
    #[arg(long)]
    now: Option<String>,
    /// postgres://… instead of SQLite
    #[arg(long, hide_env_values = true)]
    database_url: Option<String>,
    /// Serve the web app from this folder instead of the one built in
    #[arg(long)]
    client: Option<PathBuf>,
}

/// Login, name, role, skill.
const PEOPLE: [(&str, &str, Role, &str); 8] = [
    ("zhou", "周敏", Role::Supervisor, "supervisor"),
    ("li", "李婷", Role::Agent, "presale"),
    ("wang", "王强", Role::Agent, "presale"),
    ("chen", "陈静", Role::Agent, "presale"),
    ("zhao", "赵磊", Role::Agent, "aftersale"),
    ("sun", "孙悦", Role::Agent, "aftersale"),
    ("wu", "吴昊", Role::Agent, "night"),
    ("zheng", "郑洁", Role::Agent, "night"),
];

/// # Errors
/// `Fault` with what is wrong: folder, address, time.
pub async fn run(options: Options) -> Result<(), Stop> {
    let clock = match &options.now {
        None => Clock::system(),
        Some(text) => Clock::starting_at(parse_now(text).ok_or_else(|| Stop::fault("--now: YYYY-MM-DDTHH:MM"))?),
    };
    let url = format!("http://{}", options.listen.replace("127.0.0.1", "localhost").replace("0.0.0.0", "localhost"));
    let config = config(&options, url.clone());
    let _here = presence::serving(&config.data)?;
    let app = Arc::new(App::open(config, clock)?);
    if app.db.read(team::store::workspace_ids)?.is_empty() {
        populate(&app)?;
    }
    let bound = bind(&app, install_metrics()?)?;
    jobs::ticker::tick(&app).await?;
    jobs::runner::drain(&app, "demo").await?;
    announce(&options, &url.replace(":0", &format!(":{}", bound.address.port())));
    serve::run(app, bound).await
}

fn parse_now(text: &str) -> Option<i64> {
    let (day, time) = text.split_once('T')?;
    zone::instant(zone::parse_day(day)?, time, ZONE)
}

fn config(options: &Options, public_url: String) -> Config {
    let fresh = || std::env::temp_dir().join(format!("dutyboard-demo-{}", ids::fresh()));
    Config {
        listen: options.listen.clone(),
        data: options.data.clone().unwrap_or_else(fresh),
        database_url: options.database_url.clone(),
        public_url,
        smtp_url: None,
        smtp_user: None,
        smtp_password: None,
        smtp_ca: None,
        smtp_timeout: 30,
        mail_from: "值班台 <dutyboard@localhost>".into(),
        mail_limits: MailLimits::default(),
        maildir: None,
        imap: ImapOptions::default(),
        jwt_key: None,
        trust_proxy: false,
        client: options.client.clone(),
        workers: 2,
        nightly: Nightly::without_backups(),
        readers: 4,
        purpose: crate::db::Purpose::Write,
        demo: true,
    }
}

fn announce(options: &Options, url: &str) {
    let mut logins = vec![("owner", "owner", "何店长")];
    logins.extend(PEOPLE.iter().map(|(login, name, role, _)| (*login, role.as_str(), *name)));
    if options.json {
        let logins: Vec<_> = logins
            .iter()
            .map(|(login, role, name)| json!({ "login": login, "password": PASSWORD, "role": role, "name": name }))
            .collect();
        println!("{}", json!({ "url": url, "logins": logins }));
        return;
    }
    println!("\n  值班台 Dutyboard demo: {url}\n\n  Password of everybody 所有人的密码: {PASSWORD}\n");
    for (login, role, name) in logins {
        println!("  {login:<8} {role:<11} {name}");
    }
    println!("\n  Stop with Ctrl+C.\n");
}

fn populate(app: &App) -> Result<(), Stop> {
    let owner = Founding {
        workspace: "晴天服饰".into(),
        zone: ZONE.name().into(),
        locale: Locale::Chinese,
        owner: "何店长".into(),
        login: "owner".into(),
        password: PASSWORD.into(),
        email: Some("owner@example.com".into()),
    }
    .found(&app.db, &app.door, None)?;
    let system = Actor::system(&owner.workspace_id, Via::Cli);
    let demo = Demo { app, system, workspace_id: owner.workspace_id, team_id: owner.team_id };
    let seats = demo.shops_and_seats()?;
    let people = demo.people()?;
    demo.roster(&people, &seats)?;
    buyers::fill(&demo)?;
    chains::fill(&demo)
}

struct Demo<'a> {
    app: &'a App,
    system: Actor,
    workspace_id: String,
    team_id: String,
}

impl Demo<'_> {
    fn run(&self, command: Command) -> Result<(), Stop> {
        self.app.door.execute(&self.system, command, None).map(drop)
    }

    /// By an agent, who says that it happened at an instant (ms).
    fn at(&self, at: i64, login: &str, command: Command) -> Result<(), Stop> {
        let actor = Actor {
            workspace_id: self.workspace_id.clone(),
            user_id: self.id(login),
            role: Role::Agent,
            team_id: self.team_id.clone(),
            device_id: None,
            via: Via::Rest,
        };
        self.app.door.write(&self.workspace_id, move |writing| writing.attempt(&actor, &command, Some(at)))
    }

    fn id(&self, name: &str) -> String {
        ids::derived(&[&self.workspace_id, name])
    }

    /// Shop and seat for every presale agent, the rest shares.
    fn shops_and_seats(&self) -> Result<Vec<(String, String)>, Stop> {
        let mut seats = Vec::new();
        for (shop, platform) in [("晴天女装旗舰店", Platform::Tmall), ("晴天童装店", Platform::Taobao)] {
            let shop_id = self.id(shop);
            let save = ShopSave { id: shop_id.clone(), name: shop.into(), platform, archived: false };
            self.run(Command::Team(TeamCommand::ShopSave(save)))?;
            for number in 1..=2 {
                let name = format!("{}{number}号位", if platform == Platform::Tmall { "A" } else { "B" });
                let id = self.id(&name);
                let save = SeatSave { id: id.clone(), name, shop_id: Some(shop_id.clone()), archived: false };
                self.run(Command::Team(TeamCommand::SeatSave(save)))?;
                seats.push((shop_id.clone(), id));
            }
        }
        Ok(seats)
    }

    fn people(&self) -> Result<Vec<String>, Stop> {
        let hash = passwords::hash(PASSWORD)?;
        let mut all = Vec::new();
        for (login, name, role, skill) in PEOPLE {
            let id = self.id(login);
            let invite = PersonInvite {
                id: id.clone(),
                name: name.into(),
                login: login.into(),
                email: None,
                role,
                team_id: self.team_id.clone(),
                skill_ids: vec![ids::derived(&[&self.workspace_id, "skill", skill])],
                locale: Locale::Chinese,
            };
            self.run(Command::Team(TeamCommand::PersonInvite(invite)))?;
            self.accept(&id, login, &hash)?;
            all.push(id);
        }
        Ok(all)
    }

    /// The demo's people have a password already, and an address that mails are written to.
    fn accept(&self, id: &str, login: &str, hash: &str) -> Result<(), Stop> {
        let (workspace_id, person_id, now) = (self.workspace_id.clone(), id.to_owned(), self.app.door.clock.now_ms());
        let make = move |conn: &mut _| links::make(conn, Purpose::Invitation, Some((&workspace_id, &person_id)), now);
        let secret = self.app.door.upkeep(make)?;
        let accept = AuthAccept { person_id: id.into(), link_hash: keys::fingerprint(&secret), password_hash: hash.into() };
        self.run(Command::Auth(AuthCommand::AuthAccept(accept)))?;
        let email = Some(format!("{login}@example.com"));
        let update = PersonUpdate { id: id.into(), name: None, email, role: None, team_id: None, skill_ids: None, active: None };
        self.run(Command::Team(TeamCommand::PersonUpdate(update)))
    }

    /// Everybody works six days a week; the day off goes round, so that somebody of every skill is always there.
    fn roster(&self, people: &[String], seats: &[(String, String)]) -> Result<(), Stop> {
        let today = zone::business_day(self.app.door.clock.now_ms(), ZONE);
        let mut put = Vec::new();
        for (day, number) in (today - Days::new(DAYS_BEFORE)).iter_days().zip(0_usize..).take((DAYS_BEFORE + DAYS_AFTER) as usize)
        {
            for (position, (person_id, (login, _, _, skill))) in people.iter().zip(PEOPLE).enumerate() {
                let is_today = number == DAYS_BEFORE as usize;
                if !is_today && (number + position) % 7 == 6 {
                    continue;
                }
                let seat = seats.get(position.wrapping_sub(1));
                put.push(RosterCell {
                    id: ids::derived(&[&self.workspace_id, "demo", login, &day.to_string()]),
                    person_id: person_id.clone(),
                    day: day.to_string(),
                    shift_type_id: ids::derived(&[&self.workspace_id, "shift_type", skill]),
                    shop_id: seat.map(|(shop_id, _)| shop_id.clone()),
                    seat_id: seat.map(|(_, seat_id)| seat_id.clone()),
                });
            }
        }
        for cells in put.chunks(roster::rules::CELLS_MAX) {
            self.run(Command::Roster(RosterCommand::RosterSet(RosterSet { put: cells.to_vec(), remove: Vec::new() })))?;
        }
        Ok(())
    }
}
