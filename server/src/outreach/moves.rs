//! Stores what the engine decided: a case moves, and with it, in the same transaction, mails, an agent's callback, notices.

use super::engine::{Act, Move, World};
use super::hours::Hours;
use super::kinds::{CaseState, Phase, StepChannel, TryResult};
use super::model::{AttemptRow, CaseRow};
use super::open::Open;
use super::settings::{ChainStep, HoursByChannel, HoursRow, ReasonRow};
use super::{assign, rules, shipped, store, words};
use crate::customers::callbacks::{self, Try};
use crate::customers::contacts::{self, Heard};
use crate::customers::kinds::{Channel, ContactResult};
use crate::customers::model::CustomerRow;
use crate::db::AnyConnection;
use crate::door::{NewJob, Tx};
use crate::kit::refusal::{Code, Stop};
use crate::kit::text::Text;
use crate::kit::window::Window;
use crate::kit::{calendar, ids};
use crate::notices::kinds::{NoticeKind, NoticeLevel};
use crate::notices::{self, Tell};
use crate::{customers, team};
use chrono_tz::Tz;
use serde_json::json;

const HOUR: i64 = 3_600_000;

/// Everything that the decisions about one case stand on.
pub struct Situation {
    pub case: CaseRow,
    /// Every card of the buyer, the one that stands for all first.
    pub cards: Vec<CustomerRow>,
    pub reason: ReasonRow,
    pub hours: HoursRow,
    by_channel: HoursByChannel,
    usable: Vec<StepChannel>,
    pub zone: Tz,
}

/// The hours of a shop: its own, or those of all shops.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn hours_of_shop(conn: &mut AnyConnection, workspace_id: &str, shop_id: Option<&str>) -> Result<HoursRow, Stop> {
    let all = store::all_hours(conn, workspace_id)?;
    let own = all.iter().find(|row| row.shop_id.is_some() && row.shop_id.as_deref() == shop_id);
    let row = own.or_else(|| all.iter().find(|row| row.shop_id.is_none())).cloned();
    Ok(row.unwrap_or_else(|| shipped::hours(workspace_id)))
}

impl Situation {
    /// # Errors
    /// `gone` when buyer or reason are not there any more.
    pub fn read(conn: &mut AnyConnection, case: CaseRow) -> Result<Self, Stop> {
        let workspace_id = case.workspace_id.clone();
        let card = customers::store::customer(conn, &workspace_id, &case.customer_id)?;
        let cards = customers::store::person(conn, card)?;
        let reason = store::reason(conn, &workspace_id, &case.reason_id)?.ok_or(Stop::from(Code::Gone))?;
        let hours = hours_of_shop(conn, &workspace_id, case.shop_id.as_deref())?;
        let by_channel = serde_json::from_str(&hours.hours)?;
        let hooks = store::hooks(conn, &workspace_id)?;
        let has_hook = |channel: StepChannel| hooks.iter().any(|hook| hook.id == channel.as_str());
        let usable = usable(&cards, &has_hook)?;
        let zone = team::zone(conn, &workspace_id)?;
        Ok(Situation { case, cards, reason, hours, by_channel, usable, zone })
    }

    /// Lets `work` decide.
    pub fn with<T>(&self, work: impl FnOnce(&World<'_>) -> T) -> T {
        let hours = |step: &ChainStep, channel| rules::hours_of(step, channel, &self.by_channel, self.reason.is_reminder);
        work(&world(&self.hours, self.zone, self.usable.clone(), &hours))
    }

    /// The card through which a channel reaches the buyer.
    pub fn card(&self, channel: StepChannel) -> &CustomerRow {
        let fits = |card: &&CustomerRow| match channel {
            StepChannel::Email => !card.email.is_empty() && !card.bad_email,
            StepChannel::Phone | StepChannel::Sms | StepChannel::Voice => !card.phone.is_empty() && !card.wrong_number,
            _ => true,
        };
        self.cards.iter().find(fits).unwrap_or(&self.cards[0])
    }
}

/// The world of a shop's hours.
pub fn world<'a>(
    row: &HoursRow,
    zone: Tz,
    usable: Vec<StepChannel>,
    hours: &'a dyn Fn(&ChainStep, StepChannel) -> Option<Hours>,
) -> World<'a> {
    let minutes = |text: &str, other| rules::minutes(text).unwrap_or(other);
    let open = Window::new(minutes(&row.open_from, 0), minutes(&row.open_until, 24 * 60)).unwrap_or(Window::ALL_DAY);
    let calendar = row.working_days_only.then(calendar::china);
    let decide_after = i64::from(row.decide_hours) * HOUR;
    World { zone, usable, hours, open: Open { hours: open, calendar, zone }, decide_after }
}

/// By which channels a buyer can be reached: there is an address or number, and the buyer does not mind.
fn usable(cards: &[CustomerRow], has_hook: &dyn Fn(StepChannel) -> bool) -> Result<Vec<StepChannel>, Stop> {
    let mut blocked = Vec::new();
    for card in cards {
        blocked.extend(card.blocked()?);
    }
    let has_phone = cards.iter().any(|card| !card.phone.is_empty() && !card.wrong_number);
    let has_email = cards.iter().any(|card| !card.email.is_empty() && !card.bad_email);
    let may = |channel: Channel| !blocked.contains(&channel);
    let all = [
        (StepChannel::Im, may(Channel::Im)),
        (StepChannel::Email, has_email && may(Channel::Email)),
        (StepChannel::Sms, has_phone && may(Channel::Sms) && has_hook(StepChannel::Sms)),
        (StepChannel::Voice, has_phone && may(Channel::Phone) && has_hook(StepChannel::Voice)),
        (StepChannel::Phone, has_phone && may(Channel::Phone)),
    ];
    Ok(all.into_iter().filter(|(_, can)| *can).map(|(channel, _)| channel).collect())
}

/// What the card calls a channel.
pub fn on_card(channel: StepChannel) -> Channel {
    match channel {
        StepChannel::Im => Channel::Im,
        StepChannel::Email => Channel::Email,
        StepChannel::Sms => Channel::Sms,
        StepChannel::Voice | StepChannel::Phone => Channel::Phone,
        StepChannel::Supervisor | StepChannel::Owner | StepChannel::ShiftMates => Channel::Other,
    }
}

/// Stores a move. `heard` are tries that led to it.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn apply(tx: &mut Tx<'_>, situation: &Situation, next: Move, heard: Vec<AttemptRow>) -> Result<(), Stop> {
    let before = &situation.case;
    let Move { mut case, acts } = next;
    let mut log = heard;
    for (position, act) in acts.into_iter().enumerate() {
        let id = ids::derived(&[&case.id, &case.turn.to_string(), &position.to_string()]);
        match act {
            Act::Send(StepChannel::Email) => mail(tx, situation, &mut case)?,
            Act::Send(channel) => {
                let payload = json!({ "case_id": case.id, "channel": channel, "id": id });
                tx.job(NewJob { kind: "outreach.hook", payload, due_at: tx.now(), dedupe: Some(format!("hook:{id}")) })?;
                case.mail_id = Some(id);
            }
            Act::Ask { channel, due_at, until_at } => ask(tx, situation, &mut case, channel, (due_at, until_at))?,
            Act::Withdraw => {
                if let Some(id) = &before.callback_id {
                    callbacks::withdraw(tx, id)?;
                }
            }
            Act::Tell => tell(tx, situation, &case, &id, NoticeKind::StepOverdue)?,
            Act::Decide => tell(tx, situation, &case, &id, NoticeKind::Decision)?,
            Act::Log(step, channel, result) => {
                // A mail's try is named as the mail is: what comes back names it.
                let mail = case.mail_id.clone().filter(|_| channel == StepChannel::Email && result == TryResult::Sent);
                let id = mail.unwrap_or(id);
                if result == TryResult::Sent {
                    let (channel, result) = (on_card(channel), ContactResult::Sent);
                    let customer_id = &situation.card(StepChannel::Im).id;
                    contacts::record(tx, &Heard { id: &id, customer_id, channel, result, note: "", at: tx.now() })?;
                }
                log.push(attempt(&case, id, step, channel, result, tx.now()));
            }
        }
    }
    if case.state()? != CaseState::Running && cancel_mail(tx, before)? {
        // The step was not done after all: whoever goes on does it.
        (case.phase, case.left_ms) = (Phase::Planned.as_str().into(), Some(0));
    }
    store::save(tx, Some(before).filter(|row| row.turn > 0), &case, &log)
}

/// A mail that has not left yet never does. False when it may have.
pub fn cancel_mail(tx: &mut Tx<'_>, case: &CaseRow) -> Result<bool, Stop> {
    match &case.mail_id {
        Some(id) => tx.cancel_mail(id),
        None => Ok(false),
    }
}

/// A try as it is logged, by the system.
pub fn attempt(case: &CaseRow, id: String, step: i32, channel: StepChannel, result: TryResult, at: i64) -> AttemptRow {
    AttemptRow {
        workspace_id: case.workspace_id.clone(),
        id,
        case_id: case.id.clone(),
        step,
        channel: channel.as_str().into(),
        result: result.as_str().into(),
        author_id: None,
        minutes: None,
        note: String::new(),
        at,
    }
}

fn mail(tx: &mut Tx<'_>, situation: &Situation, case: &mut CaseRow) -> Result<(), Stop> {
    let id = ids::derived(&[&case.id, "mail", &case.turn.to_string()]);
    let letter = words::letter(tx, situation, case)?;
    let card = situation.card(StepChannel::Email);
    let steps = case.steps()?;
    let step = usize::try_from(case.step).ok().and_then(|index| steps.get(index));
    let hours = step.and_then(|step| situation.with(|world| (world.hours)(step, StepChannel::Email)));
    let window = hours.map_or((0, 24 * 60), |hours| (hours.allowed.from, hours.allowed.until));
    tx.mail_buyer(&words::outgoing(&id, case, card, letter, window))?;
    case.thread.get_or_insert_with(|| format!("<{id}@dutyboard>"));
    case.mail_id = Some(id);
    Ok(())
}

fn ask(
    tx: &mut Tx<'_>,
    situation: &Situation,
    case: &mut CaseRow,
    channel: StepChannel,
    (due_at, until_at): (i64, i64),
) -> Result<(), Stop> {
    let steps = case.steps()?;
    let step = usize::try_from(case.step).ok().and_then(|index| steps.get(index));
    let skill = step.and_then(|step| step.skill_code.clone());
    let card = situation.card(channel);
    let wanted = assign::Wanted {
        team_id: &case.team_id,
        own: card.owner_id.as_deref(),
        skill: skill.as_deref(),
        locale: &case.locale,
        due_at,
        until_at,
    };
    let (owner_id, due_at) = assign::agent(tx.conn(), &case.workspace_id, &wanted)?;
    let asked = match &case.callback_id {
        Some(id) => customers::store::callback(tx.conn(), &case.workspace_id, id)?,
        None => None,
    };
    let asked = asked.filter(|row| row.is_open() && callbacks::is_try(row)).map(|row| row.id);
    let id = asked.unwrap_or_else(|| ids::derived(&[&case.id, "try", &case.turn.to_string()]));
    let text = if case.about.is_empty() { situation.reason.name_zh.clone() } else { case.about.clone() };
    callbacks::ask(
        tx,
        &Try {
            id: id.clone(),
            customer_id: &card.id,
            team_id: &case.team_id,
            owner_id,
            channel: on_card(channel),
            scene: &situation.reason.scene,
            about: &text,
            due_at,
            until_at,
        },
    )?;
    case.callback_id = Some(id);
    case.phase = Phase::Agent.as_str().into();
    Ok(())
}

/// Supervisors hear of a case.
fn tell(tx: &mut Tx<'_>, situation: &Situation, case: &CaseRow, key: &str, kind: NoticeKind) -> Result<(), Stop> {
    let to = assign::supervisors(tx.conn(), &case.workspace_id, &case.team_id)?;
    let card = &situation.cards[0];
    let nick = if card.nick.is_empty() { &card.name } else { &card.nick };
    notices::tell(
        tx,
        &Tell {
            key: key.into(),
            to,
            team_id: case.team_id.clone(),
            kind,
            level: NoticeLevel::Urgent,
            subject: Text::new(
                format!("{nick} · {}", situation.reason.name_zh),
                format!("{nick} · {}", situation.reason.name_en),
            ),
            link: format!("#/outreach/{}", case.id),
            robot: true,
            about: vec![case.id.clone()],
        },
    )
}
