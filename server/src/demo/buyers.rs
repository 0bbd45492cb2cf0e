//! Made-up buyers of the demo: VIPs, a promise for today, and some who only bought something once.

use super::{Demo, ZONE};
use crate::customers::command::{
    CallbackMake, ContactLog, CustomerCare, CustomerImport, CustomerMerge, CustomerReach, CustomerSave, CustomersCommand,
};
use crate::customers::import::{ImportOrder, ImportRow, buyer_id};
use crate::customers::kinds::{Channel, ContactResult};
use crate::customers::model::SpecialDay;
use crate::customers::rules;
use crate::kit::ids;
use crate::kit::refusal::Stop;
use crate::kit::zone;
use crate::rooms::Command;
use serde_json::json;

/// Nick, name, phone, VIP of whom, days since the last contact.
const BUYERS: [(&str, &str, &str, Option<&str>, i64); 8] = [
    ("小鹿爱喝茶", "林小鹿", "13800001111", Some("li"), 33),
    ("山月不知心", "周月", "13800002222", None, 0),
    ("一颗柠檬精", "宁萌", "13800003333", Some("li"), 12),
    ("青城旧友", "程青", "13800004444", Some("wang"), 41),
    ("晚风吹人醒", "吴晚", "13800005555", Some("wang"), 28),
    ("糖糖妈咪", "唐甜", "13800006666", None, 0),
    ("橘子汽水", "区吉", "13800007777", Some("li"), 25),
    ("北巷南街", "南北", "", None, 0),
];

/// Nick, phone, what was bought, cents, days ago.
const ORDERS: [(&str, &str, &str, i64, i64); 3] = [
    ("tb小鹿1992", "13800001111", "棉麻连衣裙 雾蓝 M", 25_900, 61),
    ("tb小鹿1992", "13800001111", "亚麻阔腿裤 米白 M", 18_900, 34),
    ("唐甜的小店", "13800006666", "针织开衫 燕麦", 21_900, 9),
];

/// Who has a day worth a word soon.
const BIRTHDAY: &str = "橘子汽水";

const DAY: i64 = 24 * 3_600_000;
const MINUTE: i64 = 60_000;

pub(super) fn fill(demo: &Demo<'_>) -> Result<(), Stop> {
    let now = demo.app.door.clock.now_ms();
    for (nick, name, phone, owner, days) in BUYERS {
        let id = demo.id(nick);
        let save = CustomerSave {
            id: id.clone(),
            team_id: Some(demo.team_id.clone()),
            shop_id: Some(demo.id("晴天女装旗舰店")),
            nick: Some(nick.into()),
            name: Some(name.into()),
            tags: None,
            likes: owner.map(|_| "素色、棉麻".into()),
            sizes: owner.map(|_| "M / 38".into()),
            notes: None,
            special_days: (nick == BIRTHDAY).then(|| vec![birthday(now)]),
        };
        run(demo, CustomersCommand::CustomerSave(save))?;
        let email = format!("buyer{}@example.com", phone.get(7..).unwrap_or("0"));
        let reach =
            CustomerReach { id: id.clone(), phone: Some(phone.into()), email: Some(email), address: None, messengers: None };
        run(demo, CustomersCommand::CustomerReach(reach))?;
        if let Some(owner) = owner {
            care(demo, &id, owner, now - days * DAY)?;
        }
    }
    orders(demo, now)?;
    promise(demo, now)
}

/// In a week.
fn birthday(now: i64) -> SpecialDay {
    use chrono::Datelike;
    let day = zone::business_day(now + 7 * DAY, ZONE);
    SpecialDay { month: day.month(), day: day.day(), label: "生日".into() }
}

/// What a shop's export brought: a card of its own for each nick. One of them is known to be the VIP's, the other still waits
/// for somebody to say so.
fn orders(demo: &Demo<'_>, now: i64) -> Result<(), Stop> {
    let rows = ORDERS.iter().enumerate().map(|(at, (nick, phone, title, cents, days))| {
        let (number, paid_at) = (format!("40012345678901230{at}"), now - days * DAY);
        let (name, state) = (String::new(), "交易成功".to_owned());
        let raw = json!({ "订单编号": number, "买家会员名": nick, "宝贝标题": title }).to_string();
        let (ordered_at, paid_at) = (Some(paid_at - MINUTE), Some(paid_at));
        let order = ImportOrder { number, state, title: (*title).into(), cents: Some(*cents), ordered_at, paid_at, raw };
        let (email, address, notes) = (String::new(), String::new(), String::new());
        ImportRow {
            nick: (*nick).into(),
            name,
            phone: (*phone).into(),
            email,
            address,
            tags: Vec::new(),
            notes,
            order: Some(order),
        }
    });
    let (team_id, shop_id) = (demo.team_id.clone(), Some(demo.id("晴天女装旗舰店")));
    run(demo, CustomersCommand::CustomerImport(CustomerImport { team_id, shop_id, rows: rows.collect() }))?;
    let id = buyer_id(&demo.workspace_id, ORDERS[0].0);
    run(demo, CustomersCommand::CustomerMerge(CustomerMerge { id, into_id: demo.id("小鹿爱喝茶") }))
}

fn run(demo: &Demo<'_>, command: CustomersCommand) -> Result<(), Stop> {
    demo.run(Command::Customers(command))
}

/// A VIP whose owner last spoke with them at `at`.
fn care(demo: &Demo<'_>, id: &str, owner: &str, at: i64) -> Result<(), Stop> {
    let tier = ids::derived(&[&demo.workspace_id, "care", "monthly"]);
    let care = CustomerCare { id: id.into(), tier, owner_id: Some(demo.id(owner)), ideal_days: None, longest_days: None };
    run(demo, CustomersCommand::CustomerCare(care))?;
    let log = ContactLog {
        id: ids::derived(&[id, "first contact"]),
        customer_id: id.into(),
        callback_id: None,
        channel: Channel::Phone,
        result: ContactResult::Reached,
        minutes: Some(4),
        note: "回访：对面料满意，等新款".into(),
        later_at: None,
        campaign_id: None,
    };
    demo.at(at, owner, Command::Customers(CustomersCommand::ContactLog(log)))
}

fn promise(demo: &Demo<'_>, now: i64) -> Result<(), Stop> {
    let make = CallbackMake {
        id: demo.id("promise"),
        customer_id: demo.id("山月不知心"),
        channel: Channel::Phone,
        due_at: rules::into_window(now + 20 * MINUTE, Channel::Phone, ZONE),
        until_at: None,
        owner_id: None,
        about: "查好物流后回电".into(),
        scene: "延迟发货安抚".into(),
    };
    demo.at(now, "li", Command::Customers(CustomersCommand::CallbackMake(make)))
}
