//! Many steps of chains that are due at the same moment: how quickly they are handed out, that each happens exactly once, and what
//! phones feel of it meanwhile.

use super::line::Line;
use super::measure::unexpected;
use super::people::{self, Session};
use super::place::{Place, Site};
use super::process::{Process, pause};
use super::report::{Bound, Report};
use super::requests;
use super::stats::{micros, percentile};
use crate::config::location;
use crate::customers::command::{CustomerImport, CustomersCommand};
use crate::customers::import::{ImportRow, buyer_id};
use crate::db::{self, Purpose};
use crate::door::{Actor, Door, Via};
use crate::kit::clock::Clock;
use crate::kit::ids;
use crate::kit::refusal::Stop;
use crate::kit::text::Text;
use crate::outreach::command::{ChainSave, OutreachCommand, OutreachHoursSave, OutreachOpen};
use crate::outreach::kinds::{HoursChannel, StepChannel, WaitIn};
use crate::outreach::settings::{ChainStep, HoursOf};
use crate::outreach::store;
use crate::rooms::Command;
use chrono::Days;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// Buyers that one command brings in.
const PART: usize = 1_000;
/// Commands on their way at once: they share commits.
const AHEAD: usize = 64;
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Between two requests of the phone that is asked how it feels.
const ASK_EVERY: Duration = Duration::from_millis(20);
/// Nothing happens for so long: something is stuck.
const STUCK: Duration = Duration::from_secs(120);

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Cases whose step is due
    #[arg(long, default_value_t = 100_000)]
    cases: usize,
    #[command(flatten)]
    site: Site,
}

/// # Errors
/// `Fault` when something cannot be started, or a step was lost or happened twice.
pub async fn run(options: Options) -> Result<(), Stop> {
    let place = Place::make(&options.site)?;
    let mut report = Report::default();
    report.setting("measured on", place.describe());
    report.setting("cases", options.cases.to_string());
    let mut server = Process::server(&place).await?;
    let owner = people::found(&place, server.address, "owner").await?;
    let calm = feel(server.address, &owner, Duration::from_secs(5)).await?;
    server.stop().await?;
    eprintln!("opening {} cases", options.cases);
    let began = Instant::now();
    fill(&place, &owner, options.cases)?;
    report.verdict("opening the cases", options.cases as f64 / began.elapsed().as_secs_f64(), Bound::None, "cases/s");
    place.measure()?;

    let server = Process::server(&place).await?;
    let owner = Session::log_in(server.address, "owner").await?;
    eprintln!("measuring: handing out");
    let handed = hand_out(server.address, &owner, options.cases).await?;
    let cases = options.cases as f64;
    report.verdict("handed out exactly once", handed.done as f64, Bound::AtLeast(cases), "steps");
    report.verdict("handed out twice", (handed.done.max(options.cases) - options.cases) as f64, Bound::AtMost(0.0), "steps");
    report.verdict("handing out", cases / handed.wall.as_secs_f64(), Bound::None, "steps/s");
    report.verdict("a write before, p99", percentile(&calm, 99.0) / 1e3, Bound::None, "ms");
    report.verdict("a write meanwhile, p50", percentile(&handed.felt, 50.0) / 1e3, Bound::None, "ms");
    report.verdict("a write meanwhile, p99", percentile(&handed.felt, 99.0) / 1e3, Bound::AtMost(250.0), "ms");
    report.verdict("memory of the server", server.memory()? as f64 / 1e6, Bound::None, "MB");
    options.site.publish(&report.text(), &report.json())?;
    if handed.done == options.cases { Ok(()) } else { Err(Stop::fault("a step was lost or happened twice")) }
}

/// Cases whose mail is due at once, of a buyer each.
fn fill(place: &Place, owner: &Session, cases: usize) -> Result<(), Stop> {
    let location = location(place.server_url().as_deref(), &place.server_dir());
    let (db, writer) = db::open(&location, 2, Purpose::Write)?;
    let door = Door::new(writer, Clock::system())?;
    let workspace_id = db.read(crate::team::store::workspace_ids)?.pop().ok_or_else(|| Stop::fault("no workspace"))?;
    let system = Actor::system(&workspace_id, Via::Cli);
    let run = |command: Command| door.execute(&system, command, None);
    let hours = db.read(|conn| store::all_hours(conn, &workspace_id))?.pop().ok_or_else(|| Stop::fault("no hours"))?.wire()?;
    let mut of = hours.hours;
    let all_day = HoursOf { from: "00:00".into(), until: "24:00".into(), prefer_from: None, prefer_until: None };
    of.insert(HoursChannel::Email, all_day);
    run(outreach(OutreachCommand::OutreachHoursSave(OutreachHoursSave {
        id: hours.id,
        shop_id: None,
        hours: of,
        decide_hours: hours.decide_hours,
        return_days: hours.return_days,
        open_from: hours.open_from,
        open_until: hours.open_until,
        working_days_only: false,
    })))?;
    let chain_id = ids::fresh();
    let (name, steps) = (Text::same("bench"), vec![step("mail", StepChannel::Email), step("told", StepChannel::Supervisor)]);
    run(outreach(OutreachCommand::ChainSave(ChainSave { id: chain_id.clone(), name, steps, enabled: true })))?;
    let reason = db.read(|conn| store::reasons(conn, &workspace_id))?.pop().ok_or_else(|| Stop::fault("no reason"))?;
    let nicks: Vec<String> = (0..cases).map(|number| format!("buyer {number}")).collect();
    for part in nicks.chunks(PART) {
        let (team_id, rows) = (owner.team_id.clone(), part.iter().map(|nick| buyer(nick)).collect());
        run(Command::Customers(CustomersCommand::CustomerImport(CustomerImport { team_id, shop_id: None, rows })))?;
    }
    let (tell, told) = sync_channel(AHEAD);
    for (number, nick) in nicks.iter().enumerate() {
        let open = OutreachOpen {
            id: ids::fresh(),
            customer_id: buyer_id(&workspace_id, nick),
            reason_id: reason.id.clone(),
            about: String::new(),
            order_number: String::new(),
            chain_id: Some(chain_id.clone()),
            locale: None,
        };
        let tell = tell.clone();
        let done = move |result: Result<_, Stop>| drop(tell.send(result.map(drop)));
        door.execute_ahead(&system, outreach(OutreachCommand::OutreachOpen(open)), done);
        if number >= AHEAD {
            told.recv().map_err(Stop::fault)??;
        }
    }
    for _ in 0..cases.min(AHEAD) {
        told.recv().map_err(Stop::fault)??;
    }
    Ok(())
}

fn outreach(command: OutreachCommand) -> Command {
    Command::Outreach(command)
}

fn step(id: &str, channel: StepChannel) -> ChainStep {
    ChainStep {
        id: id.into(),
        channels: vec![channel],
        wait_minutes: 24 * 60,
        wait_in: WaitIn::Wall,
        from: None,
        until: None,
        prefer_from: None,
        prefer_until: None,
        attempts: 1,
        attempts_a_day: 1,
        skill_code: None,
        then: String::new(),
    }
}

fn buyer(nick: &str) -> ImportRow {
    let none = String::new;
    let email = format!("{}@bench.example", nick.replace(' ', "."));
    ImportRow {
        nick: nick.into(),
        name: none(),
        phone: none(),
        email,
        address: none(),
        tags: Vec::new(),
        notes: none(),
        order: None,
    }
}

struct Handed {
    done: usize,
    wall: Duration,
    felt: Vec<u32>,
}

/// Waits until everything is handed out, and asks meanwhile as a phone does.
async fn hand_out(address: SocketAddr, owner: &Session, cases: usize) -> Result<Handed, Stop> {
    let today = crate::kit::zone::business_day(Clock::system().now_ms(), chrono_tz::UTC);
    let (from, until) = (today - Days::new(1), today + Days::new(1));
    let request = requests::get(&format!("/api/v1/outreach/numbers?from={from}&until={until}"), Some(&owner.token));
    let (mut began, mut moved, mut last) = (None, Instant::now(), 0);
    let mut felt = Vec::new();
    loop {
        felt.extend(feel(address, owner, LOOK_EVERY).await?);
        let numbers: Value = people::call(address, &request).await?;
        let mails = numbers["success"].as_array().into_iter().flatten().filter(|row| row["channel"] == "email");
        let done = usize::try_from(mails.filter_map(|row| row["tried"].as_u64()).sum::<u64>()).map_err(Stop::fault)?;
        if done > last {
            let started = *began.get_or_insert(moved);
            (moved, last) = (Instant::now(), done);
            eprintln!("{done} of {cases}");
            if done >= cases {
                felt.sort_unstable();
                return Ok(Handed { done, wall: started.elapsed(), felt });
            }
        } else if began.is_none() {
            // The heartbeat comes once a minute: what was felt before it is no answer.
            moved = Instant::now();
            felt.clear();
        }
        if moved.elapsed() > STUCK {
            return Ok(Handed { done, wall: moved.elapsed(), felt });
        }
    }
}

/// New tasks of one's own for a while, one after the other; how long each took (µs), in order of length.
async fn feel(address: SocketAddr, owner: &Session, how_long: Duration) -> Result<Vec<u32>, Stop> {
    let mut line = Line::open(address).await.map_err(Stop::fault)?;
    let began = Instant::now();
    let mut times = Vec::new();
    while began.elapsed() < how_long {
        let task = json!({ "id": ids::fresh(), "day": "2026-01-01", "title": "felt", "quadrant": "Q2", "kind": "anytime", "assignee_id": owner.user_id });
        let body = json!({ "name": "box.create", "args": task }).to_string();
        let request = requests::post("/api/v1/commands", Some(&owner.token), &body);
        let asked = Instant::now();
        let status = line.exchange(&request).await.map_err(Stop::fault)?;
        times.push(micros(asked.elapsed()));
        if status != 200 {
            return Err(unexpected(status, line.body()));
        }
        pause(ASK_EVERY).await;
    }
    times.sort_unstable();
    Ok(times)
}
