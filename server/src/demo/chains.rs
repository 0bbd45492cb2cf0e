//! Buyers of the demo who are offline: one is to be written to, one has been, one waits for the shop; and some of the days before
//! who have answered, so that there are numbers to look at.

use super::{DAYS_BEFORE, Demo, ZONE};
use crate::customers::command::{ContactLog, CustomersCommand};
use crate::customers::kinds::{Channel, ContactResult};
use crate::kit::refusal::Stop;
use crate::kit::{ids, zone};
use crate::outreach::command::{OutreachAnswer, OutreachClose, OutreachCommand, OutreachHeard, OutreachOpen, OutreachTurn};
use crate::outreach::kinds::{StepChannel, Then};
use crate::outreach::store;
use crate::rooms::Command;
use chrono::Days;

const MINUTE: i64 = 60_000;

/// Buyer, reason, what it is about, order.
const CASES: [(&str, &str, &str, &str); 3] = [
    ("糖糖妈咪", "parcel_problem", "快递说地址不详，请确认门牌号", "4001234567890123"),
    ("晚风吹人醒", "stock_out", "针织开衫 燕麦 S 码缺货，下周三到货", "4001234567890177"),
    ("青城旧友", "refund_step", "请在订单页点“我已寄回”并填写单号", "4001234567890198"),
];

/// Buyers of the days before. They are nobody's VIPs: what was said to them moves no callback.
const REACHED: [&str; 2] = ["北巷南街", "山月不知心"];

/// How it went on the days before: reason, local time of the message, minutes until the answer (none: never), its channel.
const TRIED: [(&str, &str, Option<i64>, StepChannel); 8] = [
    ("unpaid_order", "09:10", Some(170), StepChannel::Im),
    ("stock_out", "10:20", Some(40), StepChannel::Im),
    ("late_shipment", "11:05", Some(100), StepChannel::Im),
    ("parcel_problem", "14:30", Some(250), StepChannel::Phone),
    ("refund_step", "15:15", None, StepChannel::Im),
    ("stock_out", "17:40", Some(90), StepChannel::Phone),
    ("aftersales_answer", "19:00", Some(100), StepChannel::Im),
    ("parcel_problem", "20:10", Some(35), StepChannel::Im),
];

pub(super) fn fill(demo: &Demo<'_>) -> Result<(), Stop> {
    for days in (1..=DAYS_BEFORE).rev() {
        before(demo, days)?;
    }
    for (buyer, reason, about, order_number) in CASES {
        let open = OutreachOpen {
            id: demo.id(&format!("case of {buyer}")),
            customer_id: demo.id(buyer),
            reason_id: ids::derived(&[&demo.workspace_id, "reason", reason]),
            about: about.into(),
            order_number: order_number.into(),
            chain_id: None,
            locale: None,
        };
        demo.run(Command::Outreach(OutreachCommand::OutreachOpen(open)))?;
    }
    written_to(demo, &demo.id(&format!("case of {}", CASES[1].0)), demo.app.door.clock.now_ms())?;
    let turn = OutreachTurn { id: demo.id(&format!("case of {}", CASES[2].0)), ours: true, note: String::new(), as_it_was: None };
    demo.run(Command::Outreach(OutreachCommand::OutreachTurn(turn)))
}

/// Whoever was asked has written to the buyer.
fn written_to(demo: &Demo<'_>, case_id: &str, at: i64) -> Result<(), Stop> {
    let case = demo.app.db.read(|conn| store::case(conn, &demo.workspace_id, case_id))?;
    let Some(callback_id) = case.callback_id else { return Ok(()) };
    let id = ids::derived(&[case_id, "written"]);
    contact(demo, &case.customer_id, id, Some(callback_id), (Channel::Im, ContactResult::Sent), at)
}

fn contact(
    demo: &Demo<'_>,
    customer_id: &str,
    id: String,
    callback_id: Option<String>,
    (channel, result): (Channel, ContactResult),
    at: i64,
) -> Result<(), Stop> {
    let minutes = (channel == Channel::Phone).then_some(3);
    let (customer_id, note) = (customer_id.to_owned(), String::new());
    let log = ContactLog { id, customer_id, callback_id, channel, result, minutes, note, later_at: None, campaign_id: None };
    demo.at(at, "li", Command::Customers(CustomersCommand::ContactLog(log)))
}

/// What was tried a few days ago, as phones without a network would tell of it today.
fn before(demo: &Demo<'_>, days: u64) -> Result<(), Stop> {
    let day = zone::business_day(demo.app.door.clock.now_ms(), ZONE) - Days::new(days);
    for (number, (reason, time, answered, channel)) in (0_u64..).zip(TRIED) {
        // Not every day is like the others.
        if (days + number).is_multiple_of(3) {
            continue;
        }
        let buyer = REACHED[usize::try_from((days + number) % 2).map_err(Stop::fault)?];
        let at = zone::instant(day, time, ZONE).ok_or_else(|| Stop::fault(time))? + (days + number) as i64 % 5 * MINUTE;
        let id = demo.id(&format!("case {number} of {day}"));
        let open = OutreachOpen {
            id: id.clone(),
            customer_id: demo.id(buyer),
            reason_id: ids::derived(&[&demo.workspace_id, "reason", reason]),
            about: String::new(),
            order_number: String::new(),
            chain_id: None,
            locale: None,
        };
        demo.at(at, "li", Command::Outreach(OutreachCommand::OutreachOpen(open)))?;
        written_to(demo, &id, at + 5 * MINUTE)?;
        heard(demo, buyer)?;
        let then = at + (answered.unwrap_or(24 * 60) + (days * 17 + number * 7) as i64 % 60) * MINUTE;
        match (answered, channel) {
            (None, _) => {
                let close = OutreachClose { id, reason: "不再需要联系".into() };
                demo.at(then, "li", Command::Outreach(OutreachCommand::OutreachClose(close)))?;
            }
            (Some(_), StepChannel::Phone) => {
                contact(
                    demo,
                    &demo.id(buyer),
                    ids::derived(&[&id, "called"]),
                    None,
                    (Channel::Phone, ContactResult::Reached),
                    then,
                )?;
                heard(demo, buyer)?;
            }
            (Some(_), channel) => {
                let answer = OutreachAnswer { id, channel, note: "好的，谢谢".into(), then: Then::Done };
                demo.at(then, "li", Command::Outreach(OutreachCommand::OutreachAnswer(answer)))?;
            }
        }
    }
    Ok(())
}

/// Cases hear of contacts by a job, which comes too late for what was before.
fn heard(demo: &Demo<'_>, buyer: &str) -> Result<(), Stop> {
    let heard = OutreachHeard { customer_id: demo.id(buyer) };
    demo.run(Command::Outreach(OutreachCommand::OutreachHeard(heard)))
}
