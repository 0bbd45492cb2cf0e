//! Writes of the notices room: load, decide, store.

use super::kinds::{NoticeKind, NoticeLevel, RobotKind, RouteKind, RouteState};
use super::model::{NoticeRoute, NoticeRow, RobotRow, SubscriptionRow};
use super::telling::{self, News};
use super::{rules, store, words};
use crate::door::{MailDraft, Tx};
use crate::kit::ids;
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::text::Text;
use crate::mail::render::MailKind;
use crate::team;
use crate::team::rules as names;
use serde_json::json;

crate::commands! { NoticesCommand {
    "notice.send" NoticeSend: Supervisor => send,
    "notice.seen" NoticeSeen: Anyone => seen,
    "notice.tell" NoticeTell: System => telling::tell,
    "notice.mail" NoticeMail: System => mail,
    "notice.delivered" NoticeDelivered: System => delivered,
    "notice.retire" NoticeRetire: System => retire,
    "robot.save" RobotSave: Supervisor => save_robot,
    "robot.drop" RobotDrop: Supervisor => drop_robot,
    "robot.test" RobotTest: Supervisor => test_robot,
    "push.subscribe" PushSubscribe: Anyone => subscribe,
    "push.unsubscribe" PushUnsubscribe: Anyone => unsubscribe,
    "push.gone" PushGone: System => gone,
} }

crate::args! {
    /// Own words to people; without `to` to the whole team (one's own when left out), and then also into its group chats.
    NoticeSend {
        id: String, text: String,
        #[cfg_attr(test, ts(optional))] team_id: Option<String>,
        #[cfg_attr(test, ts(optional))] to: Option<Vec<String>>,
    }
    /// One has looked at these notices of one's own.
    NoticeSeen { ids: Vec<String>, }
    /// Tells people something, each in their language. The same `key` makes nothing twice. `to`: person ids; `subject`: a few words
    /// without a buyer's number or address; `link`: a place in the app (`#/…`) or ""; `robot`: also into the team's group chats;
    /// `about`: the ids of the work, for which nobody is rung once all of it is in hand.
    NoticeTell {
        key: String, to: Vec<String>, team_id: String, kind: NoticeKind, level: NoticeLevel, subject: Text, link: String, robot: bool,
        about: Vec<String>,
    }
    /// Writes the mail of a notice, unless it is not needed any more. The same `id` again does nothing.
    NoticeMail { id: String, base_url: String, }
    /// Notes how a way of these notices ended.
    NoticeDelivered { ids: Vec<String>, route: RouteKind, robot_id: Option<String>, state: RouteState, why: String, }
    /// Takes what was told before an instant (UTC ms) off the phones, and its words out of the database.
    NoticeRetire { before: i64, }
    /// A robot of a group chat; `url` and `secret` stay as they are when left out. The secret may be "".
    RobotSave {
        id: String, #[cfg_attr(test, ts(optional))] team_id: Option<String>, kind: RobotKind, name: String,
        #[cfg_attr(test, ts(optional))] url: Option<String>,
        #[cfg_attr(test, ts(optional))] secret: Option<String>,
        enabled: bool,
    }
    RobotDrop { id: String, }
    /// Lets a robot say that it works; how that went is a notice to oneself.
    RobotTest { id: String, }
    /// This browser takes Web Push for oneself; `p256dh` and `auth` are base64url.
    PushSubscribe { endpoint: String, p256dh: String, auth: String, }
    PushUnsubscribe { endpoint: String, }
    /// A push service knows a browser no more, or did not take a notice for it.
    PushGone { id: String, for_good: bool, }
}

/// People one can write to at once.
const PEOPLE_MAX: usize = 500;
/// A person's browsers; the oldest goes when there are more.
const PHONES_MAX: usize = 10;
/// How long a key is remembered after its notices are gone (ms).
const KEYS_MS: i64 = 90 * 24 * 3_600_000;

/// A team that one oversees.
fn overseen(tx: &mut Tx<'_>, id: Option<&str>) -> Result<String, Stop> {
    let (workspace_id, actor) = (tx.workspace_id(), tx.actor());
    let team_id = id.unwrap_or(&actor.team_id).to_owned();
    team::store::team(tx.conn(), workspace_id, &team_id)?.ok_or(Stop::from(Code::Gone))?;
    if actor.is_system() || actor.oversees(&team_id) { Ok(team_id) } else { Err(Code::NotInTeam.into()) }
}

fn send(tx: &mut Tx<'_>, args: &NoticeSend) -> Result<(), Stop> {
    let (workspace_id, actor) = (tx.workspace_id(), tx.actor());
    ids::check(&args.id)?;
    let text = rules::text(&args.text)?;
    let team_id = overseen(tx, args.team_id.as_deref())?;
    let batch = ids::derived(&[workspace_id, "message", &args.id]);
    if !store::batch(tx.conn(), workspace_id, &batch)?.is_empty() {
        return Err(Code::Conflict.into());
    }
    let mut people = Vec::new();
    match &args.to {
        Some(ids) if ids.len() > PEOPLE_MAX => return Err(Code::TooMany.into()),
        Some(ids) => {
            for id in ids {
                let person = team::person(tx.conn(), workspace_id, id)?;
                if !actor.is_system() && !actor.oversees(&person.team_id) {
                    return Err(Code::NotInTeam.into());
                }
                people.push(person);
            }
        }
        None => {
            people = team::store::people(tx.conn(), workspace_id)?;
            people.retain(|person| person.team_id == team_id && person.id != actor.user_id);
        }
    }
    if !people.iter().any(|person| person.active) {
        return Err(Refusal::because(Code::BadValue, "nobody to tell").into());
    }
    let news = News {
        batch: &batch,
        team_id: &team_id,
        sender_id: (!actor.user_id.is_empty()).then_some(actor.user_id.as_str()),
        kind: NoticeKind::Message,
        level: NoticeLevel::Info,
        subject: &Text::same(""),
        text: &text,
        link: "#/notices",
        about: &[],
    };
    // What is meant for some is not for everybody's eyes.
    telling::spread(tx, &news, &people, args.to.is_none())
}

fn seen(tx: &mut Tx<'_>, args: &NoticeSeen) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    for id in &args.ids {
        let Some(row) = store::find(tx.conn(), workspace_id, id)?.filter(|row| !row.archived) else { continue };
        if row.to_id != tx.actor().user_id && !tx.actor().is_system() {
            return Err(Refusal::because(Code::Gone, "somebody else's").into());
        }
        if row.seen_at.is_none() {
            telling::seen(tx, &row)?;
        }
    }
    Ok(())
}

fn mail(tx: &mut Tx<'_>, args: &NoticeMail) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let Some(row) = store::find(tx.conn(), workspace_id, &args.id)?.filter(|row| !row.archived) else { return Ok(()) };
    let person = team::person(tx.conn(), workspace_id, &row.to_id)?;
    let needless = row.seen_at.is_some() || telling::is_in_hand(tx.conn(), &row)?;
    let address = person.email.clone().filter(|_| person.active && !person.invited && !needless);
    let Some(to_address) = address else {
        let route = rules::route(RouteKind::Mail, false, tx.now());
        return telling::settle(tx, std::slice::from_ref(&row.id), &route);
    };
    let mail_id = telling::mail_id(&row.id);
    if tx.has_mail(&mail_id)? {
        return Ok(());
    }
    let workspace = team::store::workspace(tx.conn(), workspace_id)?;
    let sender = match &row.sender_id {
        Some(id) => team::store::person(tx.conn(), workspace_id, id)?.map(|sender| sender.name),
        None => None,
    };
    tx.mail(&MailDraft {
        id: mail_id,
        kind: MailKind::Notice,
        person_id: person.id.clone(),
        to_address,
        to_name: person.name.clone(),
        locale: person.locale.clone(),
        vars: json!({
            "notice_id": row.id,
            "person": person.name,
            "workspace": workspace.name,
            "headline": words::headline(&person.locale, row.kind()?, &row.subject, sender.as_deref()),
            "text": row.text,
            "link": format!("{}/{}", args.base_url, if row.link.is_empty() { "#/notices" } else { &row.link }),
        }),
    })
}

fn delivered(tx: &mut Tx<'_>, args: &NoticeDelivered) -> Result<(), Stop> {
    let (robot_id, why) = (args.robot_id.clone(), args.why.clone());
    let result = NoticeRoute { route: args.route, robot_id, state: args.state, at: tx.now(), why };
    telling::settle(tx, &args.ids, &result)
}

fn retire(tx: &mut Tx<'_>, args: &NoticeRetire) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    for before in store::told_before(tx.conn(), workspace_id, args.before)? {
        // The row stays for a while: its key must not be told anew.
        let none = String::new;
        let lists = || "[]".to_owned();
        let words = NoticeRow { subject: none(), text: none(), link: none(), ..before.clone() };
        let after = NoticeRow { routes: lists(), about: lists(), archived: true, ..words };
        store::save(tx, Some(&before), &after)?;
    }
    store::forget_before(tx, args.before - KEYS_MS)
}

fn own_robot(tx: &mut Tx<'_>, id: &str) -> Result<Option<RobotRow>, Stop> {
    let workspace_id = tx.workspace_id();
    match store::robot(tx.conn(), workspace_id, id)? {
        Some(row) if !tx.actor().is_system() && !tx.actor().oversees(&row.team_id) => Err(Code::NotInTeam.into()),
        row => Ok(row),
    }
}

fn save_robot(tx: &mut Tx<'_>, args: &RobotSave) -> Result<(), Stop> {
    ids::check(&args.id)?;
    let before = own_robot(tx, &args.id)?;
    let team_id = match &before {
        Some(row) => row.team_id.clone(),
        None => overseen(tx, args.team_id.as_deref())?,
    };
    let known = before.as_ref().map(|row| (row.url.clone(), row.secret.clone()));
    let url = match (&args.url, &known) {
        (Some(url), _) => rules::address(url)?,
        (None, Some((url, _))) => url.clone(),
        (None, None) => return Err(Refusal::because(Code::BadValue, "url").into()),
    };
    let secret = match &args.secret {
        Some(secret) => rules::secret(secret)?,
        None => known.map(|(_, secret)| secret).unwrap_or_default(),
    };
    let after = RobotRow {
        workspace_id: tx.workspace_id().into(),
        id: args.id.clone(),
        team_id,
        kind: args.kind.as_str().into(),
        name: names::name(&args.name)?,
        url,
        secret,
        enabled: args.enabled,
    };
    store::save_robot(tx, before.as_ref(), &after)
}

fn drop_robot(tx: &mut Tx<'_>, args: &RobotDrop) -> Result<(), Stop> {
    match own_robot(tx, &args.id)? {
        Some(row) => store::drop_robot(tx, &row),
        None => Ok(()),
    }
}

fn test_robot(tx: &mut Tx<'_>, args: &RobotTest) -> Result<(), Stop> {
    let robot = own_robot(tx, &args.id)?.ok_or(Stop::from(Code::Gone))?;
    let (workspace_id, to, now) = (tx.workspace_id(), tx.actor().user_id.clone(), tx.now());
    let person = team::person(tx.conn(), workspace_id, &to)?;
    let batch = ids::fresh();
    let news = News {
        batch: &batch,
        team_id: &robot.team_id,
        sender_id: Some(&to),
        kind: NoticeKind::RobotTest,
        level: NoticeLevel::Info,
        subject: &Text::same(robot.name.as_str()),
        text: "",
        link: "#/robots",
        about: &[],
    };
    let routes = [rules::route(RouteKind::App, true, now), telling::to_robot(&robot, now)];
    let row = telling::notice(tx, &news, &person, &batch, &routes)?;
    store::save(tx, None, &row)?;
    telling::deliver(tx, &json!({ "route": RouteKind::Robot, "batch": batch, "robot_id": robot.id }))
}

fn subscription_id(tx: &Tx<'_>, endpoint: &str) -> String {
    ids::derived(&[tx.workspace_id(), "push", endpoint])
}

fn subscribe(tx: &mut Tx<'_>, args: &PushSubscribe) -> Result<(), Stop> {
    let (workspace_id, person_id) = (tx.workspace_id(), tx.actor().user_id.clone());
    let endpoint = rules::address(&args.endpoint)?;
    rules::push_keys(&args.p256dh, &args.auth)?;
    team::person(tx.conn(), workspace_id, &person_id)?;
    let row = SubscriptionRow {
        workspace_id: workspace_id.into(),
        id: subscription_id(tx, &endpoint),
        person_id,
        endpoint,
        p256dh: args.p256dh.clone(),
        auth: args.auth.clone(),
        created_at: tx.now(),
        failed_at: None,
    };
    // Whoever signed in last on this browser has it.
    store::save_subscription(tx, &row)?;
    let all = store::subscriptions(tx.conn(), workspace_id, &row.person_id)?;
    for old in all.iter().take(all.len().saturating_sub(PHONES_MAX)) {
        store::drop_subscription(tx, &old.id)?;
    }
    Ok(())
}

fn unsubscribe(tx: &mut Tx<'_>, args: &PushUnsubscribe) -> Result<(), Stop> {
    let (workspace_id, id) = (tx.workspace_id(), subscription_id(tx, &args.endpoint));
    match store::subscription(tx.conn(), workspace_id, &id)? {
        Some(row) if row.person_id == tx.actor().user_id => store::drop_subscription(tx, &id),
        _ => Ok(()),
    }
}

fn gone(tx: &mut Tx<'_>, args: &PushGone) -> Result<(), Stop> {
    let (workspace_id, now) = (tx.workspace_id(), tx.now());
    match store::subscription(tx.conn(), workspace_id, &args.id)? {
        Some(_) if args.for_good => store::drop_subscription(tx, &args.id),
        Some(row) => store::save_subscription(tx, &SubscriptionRow { failed_at: Some(now), ..row }),
        None => Ok(()),
    }
}
