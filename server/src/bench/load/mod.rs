//! Many phones on bad networks, for minutes: requests are cut, answers lost, pushes sent twice, live lines break. In the end
//! everything that a phone wrote down must be there exactly once, and every phone must show what the server has.

mod network;
mod phone;
mod tally;
mod view;

use super::people::{self, Session};
use super::place::{Place, Site};
use super::process::{Meter, Process, pause};
use super::report::{Bound, Report};
use crate::kit::refusal::Stop;
use phone::{Person, Phone, World};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tally::{Look, Tally};
use tokio::sync::{Mutex, watch};

/// Phones that share one person.
const PHONES_EACH: usize = 25;
/// Phones begin within this part of the run.
const SPREAD: f64 = 0.1;
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// A short run is looked at this often all the same.
const LOOKS_MIN: u32 = 8;
/// After the last push, jobs may still change something; then a phone compares again.
const SETTLE: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Phones; twenty-five share a person
    #[arg(long, default_value_t = 500)]
    phones: usize,
    /// How long they work
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// Seconds between two changes on a phone, on average
    #[arg(long, default_value_t = 20.0)]
    think: f64,
    #[command(flatten)]
    site: Site,
}

/// # Errors
/// `Fault` when something was lost, done twice or shown wrongly.
pub async fn run(options: Options) -> Result<(), Stop> {
    rlimit::increase_nofile_limit(u64::MAX).map_err(Stop::fault)?;
    let place = Place::make(&options.site)?;
    let mut report = Report::default();
    report.setting("measured on", place.describe());
    report.setting(
        "phones",
        format!("{} for {} minutes, a change every {} s each", options.phones, options.minutes, options.think),
    );
    let (server, people) = prepare(&place, options.phones.div_ceil(PHONES_EACH)).await?;
    let meter = Meter::new(&server, place.server_database());
    let tally = Rc::new(Tally::default());
    let phones = work(&options, &server, &meter, &tally, &people).await?;
    let proof = prove(phones, &mut report).await;
    tally.judge(&mut report);
    let lines = format!("{}{}", report.json(), tally.json());
    options.site.publish(&format!("{}\n{}", tally.text(), report.text()), &lines)?;
    proof
}

/// A server with people who have never signed in.
async fn prepare(place: &Place, count: usize) -> Result<(Process, Vec<Rc<Person>>), Stop> {
    eprintln!("preparing: {count} people on {}", place.describe());
    let mut server = Process::server(place).await?;
    let owner: Session = people::found(place, server.address, "owner").await?;
    let mut all = Vec::new();
    for number in 0..count {
        let login = format!("agent-{number}");
        people::invite_agent(&owner, &login).await?;
        all.push(Rc::new(Person { login, session: Mutex::new(None) }));
    }
    // A starting server makes the boards that are due; and its memory has not seen the invitations.
    server.stop().await?;
    Ok((Process::server(place).await?, all))
}

/// Lets the phones work, looking at the server now and then, until they have sent everything.
async fn work(
    options: &Options,
    server: &Process,
    meter: &Meter,
    tally: &Rc<Tally>,
    people: &[Rc<Person>],
) -> Result<Vec<Phone>, Stop> {
    let time = Duration::from_secs_f64(options.minutes * 60.0);
    let (end, over) = watch::channel(false);
    let think = Duration::from_secs_f64(options.think);
    let world = Rc::new(World { address: server.address, tally: tally.clone(), think, over });
    let (cpu, started) = (meter.read(), Instant::now());
    let mut tasks = Vec::new();
    for (number, person) in (0..options.phones).zip(people.iter().cycle()) {
        let phone = Phone::new(world.clone(), person.clone(), number as u64);
        let start_after = time.mul_f64(SPREAD * number as f64 / options.phones as f64);
        tasks.push(actix_web::rt::spawn(phone.live(start_after)));
    }
    eprintln!("measuring: {} phones", options.phones);
    while started.elapsed() < time {
        pause(LOOK_EVERY.min(time / LOOKS_MIN)).await;
        let spent = meter.read().since(cpu);
        let look = Look { after: started.elapsed(), memory: server.memory()?, cpu: spent.server, database_cpu: spent.database };
        tally.looks.borrow_mut().push(look);
    }
    end.send(true).map_err(Stop::fault)?;
    eprintln!("draining");
    let mut phones = Vec::new();
    for task in tasks {
        phones.push(task.await.map_err(Stop::fault)?);
    }
    Ok(phones)
}

/// Everything written down is there exactly once, and every phone shows what the server has.
async fn prove(phones: Vec<Phone>, report: &mut Report) -> Result<(), Stop> {
    pause(SETTLE).await;
    let (count, mut done, mut wrong) = (phones.len(), 0, Vec::new());
    for mut phone in phones {
        let mut proof = phone.prove().await;
        if proof.is_err() {
            pause(SETTLE).await;
            proof = phone.prove().await;
        }
        match proof {
            Ok(mutations) => done += mutations,
            Err(stop) => wrong.push(stop.to_string()),
        }
    }
    report.verdict("changes written down, each there exactly once", done as f64, Bound::None, "");
    report.verdict("phones that show anything else than the server has", wrong.len() as f64, Bound::AtMost(0.0), "");
    match wrong.first() {
        None => Ok(()),
        Some(first) => Err(Stop::fault(format!("{} of {count} phones: {first}", wrong.len()))),
    }
}
