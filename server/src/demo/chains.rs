//! Buyers of the demo who are offline: one is to be written to, one has been, one waits for the shop.

use super::Demo;
use super::buyers::agent;
use crate::customers::command::{ContactLog, CustomersCommand};
use crate::customers::kinds::{Channel, ContactResult};
use crate::kit::ids;
use crate::kit::refusal::Stop;
use crate::outreach::command::{OutreachCommand, OutreachOpen, OutreachTurn};
use crate::outreach::store;
use crate::rooms::Command;

/// Buyer, reason, what it is about, order.
const CASES: [(&str, &str, &str, &str); 3] = [
    ("糖糖妈咪", "parcel_problem", "快递说地址不详，请确认门牌号", "4001234567890123"),
    ("晚风吹人醒", "stock_out", "针织开衫 燕麦 S 码缺货，下周三到货", "4001234567890177"),
    ("青城旧友", "refund_step", "请在订单页点“我已寄回”并填写单号", "4001234567890198"),
];

pub(super) fn fill(demo: &Demo<'_>) -> Result<(), Stop> {
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
    written_to(demo, CASES[1].0)?;
    let turn = OutreachTurn { id: demo.id(&format!("case of {}", CASES[2].0)), ours: true, note: String::new(), as_it_was: None };
    demo.run(Command::Outreach(OutreachCommand::OutreachTurn(turn)))
}

/// Whoever was asked has written to the buyer.
fn written_to(demo: &Demo<'_>, buyer: &str) -> Result<(), Stop> {
    let case_id = demo.id(&format!("case of {buyer}"));
    let case = demo.app.db.read(|conn| store::case(conn, &demo.workspace_id, &case_id))?;
    let Some(callback_id) = case.callback_id else { return Ok(()) };
    let log = ContactLog {
        id: ids::derived(&[&case_id, "written"]),
        customer_id: case.customer_id,
        callback_id: Some(callback_id),
        channel: Channel::Im,
        result: ContactResult::Sent,
        minutes: None,
        note: String::new(),
        later_at: None,
        campaign_id: None,
    };
    let command = Command::Customers(CustomersCommand::ContactLog(log));
    demo.app.door.execute(&agent(demo, "li"), command, None).map(drop)
}
