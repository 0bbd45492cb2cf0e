//! Writes of what a workspace sets: chains, reasons, hours, words, providers; and what it begins with.

use super::command::{
    ChainDrop, ChainSave, OutreachHookDrop, OutreachHookSave, OutreachHoursDrop, OutreachHoursSave, OutreachReasonSave,
    OutreachRetire, OutreachShip, OutreachTemplateReset, OutreachTemplateSave, OutreachTemplateTest,
};
use super::kinds::Whom;
use super::model::CaseRow;
use super::moves::{Situation, hours_of_shop};
use super::settings::{ChainRow, HookRow, HoursRow, ReasonRow, TemplateRow};
use super::shipped::{self, Letter};
use super::{assign, rules, store, words};
use crate::customers::{self, rules as customer_rules};
use crate::door::Tx;
use crate::kit::ids;
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::text::Text;
use crate::kit::window::Window;
use crate::mail::buyer::BuyerMail;
use crate::team;

const DECIDE_HOURS: std::ops::RangeInclusive<i32> = 1..=720;
const RETURN_DAYS: std::ops::RangeInclusive<i32> = 1..=60;
const URL_MAX: usize = 500;
/// A secret shorter than this could be guessed.
const SECRET_MIN: usize = 16;

pub(super) fn ship(tx: &mut Tx<'_>, _: &OutreachShip) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let known: Vec<Option<String>> = store::chains(tx.conn(), workspace_id)?.into_iter().map(|row| row.code).collect();
    let all = shipped::all();
    for (position, chain) in all.chains.iter().enumerate() {
        if known.iter().flatten().any(|code| *code == chain.code) {
            continue;
        }
        let row = ChainRow {
            workspace_id: workspace_id.into(),
            id: shipped::chain_id(workspace_id, &chain.code),
            code: Some(chain.code.clone()),
            name_zh: chain.name.zh.clone(),
            name_en: chain.name.en.clone(),
            whom: chain.whom.as_str().into(),
            steps: serde_json::to_string(&chain.steps())?,
            enabled: true,
            position: i32::try_from(position).map_err(Stop::fault)?,
        };
        store::put_chain(tx, &row)?;
        tx.publish(None, Some(&row.wire()?))?;
    }
    let known: Vec<Option<String>> = store::reasons(tx.conn(), workspace_id)?.into_iter().map(|row| row.code).collect();
    for (position, reason) in all.reasons.iter().enumerate() {
        if known.iter().flatten().any(|code| *code == reason.code) {
            continue;
        }
        let row = ReasonRow {
            workspace_id: workspace_id.into(),
            id: ids::derived(&[workspace_id, "reason", &reason.code]),
            code: Some(reason.code.clone()),
            name_zh: reason.name.zh.clone(),
            name_en: reason.name.en.clone(),
            chain_id: shipped::chain_id(workspace_id, &reason.chain),
            scene: reason.scene.clone(),
            is_reminder: reason.is_reminder,
            archived: false,
            position: i32::try_from(position).map_err(Stop::fault)?,
        };
        store::put_reason(tx, &row)?;
        tx.publish(None, Some(&row.wire()))?;
    }
    if store::all_hours(tx.conn(), workspace_id)?.iter().all(|row| row.shop_id.is_some()) {
        let row = shipped::hours(workspace_id);
        store::put_hours(tx, &row)?;
        tx.publish(None, Some(&row.wire()?))?;
    }
    Ok(())
}

fn named(name: &Text) -> Result<(String, String), Refusal> {
    let part = |text: &str| match customer_rules::typed(text, customer_rules::WORD_MAX) {
        Ok(word) if word.is_empty() => Err(Refusal::because(Code::BadValue, "a name")),
        other => other,
    };
    Ok((part(&name.zh)?, part(&name.en)?))
}

pub(super) fn save_chain(tx: &mut Tx<'_>, args: &ChainSave) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    let before = store::chain(tx.conn(), workspace_id, &args.id)?;
    if before.as_ref().is_some_and(|row| row.whom == Whom::Team.as_str()) {
        return Err(Code::WrongState.into());
    }
    let hours = hours_of_shop(tx.conn(), workspace_id, None)?.wire()?.hours;
    let team_id = tx.actor().team_id.clone();
    let has_supervisor = !assign::supervisors(tx.conn(), workspace_id, &team_id)?.is_empty();
    let mut reasons = store::reasons(tx.conn(), workspace_id)?;
    reasons.retain(|reason| reason.chain_id == args.id);
    if before.as_ref().is_some_and(|row| row.enabled) && !args.enabled && reasons.iter().any(|reason| !reason.archived) {
        // Cases of these reasons could not be opened any more.
        return Err(Code::WrongState.into());
    }
    let is_reminder = reasons.iter().any(|reason| reason.is_reminder);
    if let Some(fault) = rules::lint(&args.steps, &hours, is_reminder, has_supervisor).first() {
        return Err(Refusal::because(Code::ChainBroken, fault.code.as_str()).into());
    }
    let (name_zh, name_en) = named(&args.name)?;
    let position = match &before {
        Some(row) => row.position,
        None => i32::try_from(store::chains(tx.conn(), workspace_id)?.len()).map_err(Stop::fault)?,
    };
    let after = ChainRow {
        workspace_id: workspace_id.into(),
        id: args.id.clone(),
        code: before.as_ref().and_then(|row| row.code.clone()),
        name_zh,
        name_en,
        whom: Whom::Buyer.as_str().into(),
        steps: serde_json::to_string(&args.steps)?,
        enabled: args.enabled,
        position,
    };
    store::put_chain(tx, &after)?;
    tx.publish(before.map(|row| row.wire()).transpose()?.as_ref(), Some(&after.wire()?))
}

pub(super) fn drop_chain(tx: &mut Tx<'_>, args: &ChainDrop) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let Some(row) = store::chain(tx.conn(), workspace_id, &args.id)? else { return Ok(()) };
    let is_used = store::reasons(tx.conn(), workspace_id)?.iter().any(|reason| reason.chain_id == row.id);
    if row.code.is_some() || is_used {
        return Err(Code::WrongState.into());
    }
    store::drop_chain(tx, &row.id)?;
    tx.publish(Some(&row.wire()?), None)
}

pub(super) fn save_reason(tx: &mut Tx<'_>, args: &OutreachReasonSave) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    let chain = store::chain(tx.conn(), workspace_id, &args.chain_id)?.ok_or(Stop::from(Code::Gone))?;
    if chain.whom != Whom::Buyer.as_str() {
        return Err(Code::BadValue.into());
    }
    if !chain.enabled && !args.archived {
        return Err(Code::WrongState.into());
    }
    let before = store::reason(tx.conn(), workspace_id, &args.id)?;
    let (name_zh, name_en) = named(&args.name)?;
    let position = match &before {
        Some(row) => row.position,
        None => i32::try_from(store::reasons(tx.conn(), workspace_id)?.len()).map_err(Stop::fault)?,
    };
    let after = ReasonRow {
        workspace_id: workspace_id.into(),
        id: args.id.clone(),
        code: before.as_ref().and_then(|row| row.code.clone()),
        name_zh,
        name_en,
        chain_id: chain.id,
        scene: customer_rules::typed(&args.scene, customer_rules::WORD_MAX)?,
        is_reminder: args.is_reminder,
        archived: args.archived,
        position,
    };
    store::put_reason(tx, &after)?;
    tx.publish(before.map(|row| row.wire()).as_ref(), Some(&after.wire()))
}

pub(super) fn save_hours(tx: &mut Tx<'_>, args: &OutreachHoursSave) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    rules::check_hours(&args.hours)?;
    let open = rules::minutes(&args.open_from).zip(rules::minutes(&args.open_until));
    open.and_then(|(from, until)| Window::new(from, until)).ok_or(Stop::from(Code::BadTime))?;
    if !DECIDE_HOURS.contains(&args.decide_hours) || !RETURN_DAYS.contains(&args.return_days) {
        return Err(Code::BadValue.into());
    }
    if let Some(shop_id) = &args.shop_id {
        team::store::shop(tx.conn(), workspace_id, shop_id)?.ok_or(Stop::from(Code::Gone))?;
    }
    // One row for each shop, and one for all others.
    let known = store::all_hours(tx.conn(), workspace_id)?.into_iter().find(|row| row.shop_id == args.shop_id);
    if known.as_ref().is_some_and(|row| row.id != args.id) {
        return Err(Code::Conflict.into());
    }
    let after = HoursRow {
        workspace_id: workspace_id.into(),
        id: args.id.clone(),
        shop_id: args.shop_id.clone(),
        hours: serde_json::to_string(&args.hours)?,
        decide_hours: args.decide_hours,
        return_days: args.return_days,
        open_from: args.open_from.clone(),
        open_until: args.open_until.clone(),
        working_days_only: args.working_days_only,
    };
    store::put_hours(tx, &after)?;
    tx.publish(known.map(|row| row.wire()).transpose()?.as_ref(), Some(&after.wire()?))
}

pub(super) fn drop_hours(tx: &mut Tx<'_>, args: &OutreachHoursDrop) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let Some(row) = store::hours(tx.conn(), workspace_id, &args.id)? else { return Ok(()) };
    if row.shop_id.is_none() {
        return Err(Code::WrongState.into());
    }
    store::drop_hours(tx, &row.id)?;
    tx.publish(Some(&row.wire()?), None)
}

pub(super) fn save_template(tx: &mut Tx<'_>, args: &OutreachTemplateSave) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    store::reason(tx.conn(), workspace_id, &args.reason_id)?.ok_or(Stop::from(Code::Gone))?;
    let letter = Letter { subject: args.subject.trim().into(), body: args.body.trim().into() };
    words::check(&letter)?;
    let id = words::template_id(workspace_id, &args.reason_id, args.locale.as_str());
    if args.id != id {
        return Err(Refusal::because(Code::BadValue, "the template of another reason").into());
    }
    let row = TemplateRow {
        workspace_id: workspace_id.into(),
        id,
        reason_id: args.reason_id.clone(),
        locale: args.locale.as_str().into(),
        subject: letter.subject,
        body: letter.body,
    };
    store::put_template(tx, &row)?;
    let said = serde_json::json!({ "reason_id": row.reason_id, "locale": row.locale, "subject": row.subject, "body": row.body });
    tx.record(&format!("outreach_template/{}", row.id), &said)
}

pub(super) fn reset_template(tx: &mut Tx<'_>, args: &OutreachTemplateReset) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    if store::template(tx.conn(), workspace_id, &args.id)?.is_none() {
        return Ok(());
    }
    store::drop_template(tx, &args.id)?;
    tx.record(&format!("outreach_template/{}", args.id), &serde_json::json!({ "shipped": true }))
}

/// The words as a buyer would get them, but to the one who asks.
pub(super) fn test_template(tx: &mut Tx<'_>, args: &OutreachTemplateTest) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let letter = Letter { subject: args.subject.clone(), body: args.body.clone() };
    words::check(&letter)?;
    let own_id = tx.actor().user_id.clone();
    let person = team::person(tx.conn(), workspace_id, &own_id)?;
    let to_address = person.email.clone().ok_or(Stop::from(Refusal::because(Code::BadValue, "no address of one's own")))?;
    let locale = args.locale.as_str();
    let vars = vars_of(tx, args.customer_id.as_deref(), &args.reason_id, locale)?;
    let filled = words::fill(&letter, &vars)?;
    tx.mail_buyer(&BuyerMail {
        id: ids::fresh(),
        customer_id: String::new(),
        to_address,
        to_name: person.name,
        locale: locale.into(),
        subject: filled.subject,
        paragraphs: words::paragraphs(&filled.body),
        reason_line: String::new(),
        thread: None,
        window: (0, 24 * 60),
        from_name: vars.shop,
        reply_to: None,
    })
}

/// What a template says of a buyer, or of a made-up one.
fn vars_of(tx: &mut Tx<'_>, customer_id: Option<&str>, reason_id: &str, locale: &str) -> Result<words::Vars, Stop> {
    let Some(id) = customer_id else { return Ok(words::Vars::sample(locale)) };
    let buyer = customers::command::load(tx, id)?;
    let case = CaseRow::blank(&buyer, reason_id, locale, tx.now());
    let now = tx.now();
    let situation = Situation::read(tx.conn(), case)?;
    let vars = words::vars(tx.conn(), &situation, &situation.case, now)?;
    Ok(vars.or_sample(locale))
}

pub(super) fn save_hook(tx: &mut Tx<'_>, args: &OutreachHookSave) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let url = customer_rules::typed(&args.url, URL_MAX)?;
    if !is_allowed(&url) {
        return Err(Refusal::because(Code::BadValue, "https only").into());
    }
    let known = store::hook(tx.conn(), workspace_id, args.channel.as_str())?.map(|row| row.secret);
    let secret = args.secret.clone().filter(|secret| !secret.is_empty()).or(known).unwrap_or_default();
    if secret.len() < SECRET_MIN {
        return Err(Refusal::because(Code::BadValue, "a secret of at least 16 characters").into());
    }
    let row = HookRow { workspace_id: workspace_id.into(), id: args.channel.as_str().into(), url, secret };
    store::put_hook(tx, &row)?;
    // Neither address nor secret: either lets others send in the shop's name.
    tx.record(&format!("outreach_hook/{}", row.id), &serde_json::json!({ "set": true }))
}

/// Over https, or to this very machine: numbers of buyers travel there.
fn is_allowed(url: &str) -> bool {
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = |start: &str| url.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']));
    let clean = !url.chars().any(|c| c.is_whitespace() || c.is_control());
    clean && (url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) || local.into_iter().any(is_local))
}

pub(super) fn drop_hook(tx: &mut Tx<'_>, args: &OutreachHookDrop) -> Result<(), Stop> {
    store::drop_hook(tx, args.channel.as_str())?;
    tx.record(&format!("outreach_hook/{}", args.channel), &serde_json::json!({ "set": false }))
}

pub(super) fn retire(tx: &mut Tx<'_>, args: &OutreachRetire) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    for before in store::shown_before(tx.conn(), workspace_id, args.before)? {
        let after = CaseRow { archived: true, ..before.clone() };
        store::save(tx, Some(&before), &after, &[])?;
    }
    Ok(())
}
