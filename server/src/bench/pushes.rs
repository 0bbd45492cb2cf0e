//! Pushes of one edit each, by many phones at once.

use super::Bench;
use super::baseline::Kind;
use super::desk::{Reader, expect};
use super::inserts::Inserts;
use super::measure::{Client, Load, Subject, Turn, interleave};
use super::process::{Meter, Process};
use super::report::Bound;
use super::requests::Template;
use crate::kit::ids;
use crate::kit::refusal::Stop;
use std::collections::BTreeMap;

/// With fewer clients there is nothing to take together, and nothing is promised.
const AIM_FROM: usize = 16;

/// A phone that pushes: its client group, its client, its task.
struct Phone {
    group: String,
    client: String,
    box_id: String,
}

impl Bench {
    pub async fn push(&mut self) -> Result<(), Stop> {
        for count in self.scale.pushers {
            self.push_by(*count).await?;
        }
        Ok(())
    }

    async fn push_by(&mut self, count: usize) -> Result<(), Stop> {
        let name = format!("push, {count} clients");
        self.begin(&name).await?;
        let phones: Vec<Phone> = self
            .desk
            .boxes
            .iter()
            .take(count)
            .map(|id| Phone { group: ids::fresh(), client: ids::fresh(), box_id: id.clone() })
            .collect();
        let token = self.desk.owner.token.clone();
        let template = |phone: &Phone| Template::new(&token, &phone.group, &phone.client, &phone.box_id);
        let edits = phones.iter().map(|phone| Turn::Edits(template(phone)));
        let clients = Client::connect_all(self.server.address, edits).await?;
        let ours = Subject::new("dutyboard", Load::Clients(clients), self.meter());
        let answer = br#"{"results":[{"clientID":"00000000-0000-7000-8000-000000000000","id":1,"status":"applied"}]}"#;
        let turn = |phone: &Phone| Turn::EditsAnswered { template: template(phone), length: answer.len() };
        let baseline = Process::baseline(&self.place, Kind::FloorSqlite, answer).await?;
        let clients = Client::connect_all(baseline.address, phones.iter().map(turn)).await?;
        let floor = Subject::new(Kind::FloorSqlite.label(), Load::Clients(clients), Meter::new(&baseline, None));
        let mut subjects = vec![ours, floor];
        if self.place.floor_url().is_some() {
            let inserts = Inserts::prepare(&self.place, count)?;
            subjects.push(Subject::new("prepared insert", Load::Inserts(inserts), Meter::new(&baseline, None)));
        }
        interleave(&mut subjects.iter_mut().collect::<Vec<_>>(), &self.scale).await?;
        self.nothing_lost(&phones, &subjects[0]).await?;
        self.judge(&name, count, &subjects);
        Ok(())
    }

    /// Every acknowledged edit counts exactly once: each phone's last mutation is its last answered one.
    async fn nothing_lost(&self, phones: &[Phone], ours: &Subject) -> Result<(), Stop> {
        let sent: BTreeMap<&str, u64> = phones
            .iter()
            .zip(ours.clients())
            .map(|(phone, client)| match &client.turn {
                Turn::Edits(template) => (phone.client.as_str(), template.number),
                _ => (phone.client.as_str(), 0),
            })
            .collect();
        let Some(last) = phones.last() else { return Ok(()) };
        for phone in [&phones[0], last] {
            let mut reader = Reader::new(self.desk.owner.clone());
            reader.pusher.group.clone_from(&phone.group);
            let pulled = reader.pull(&serde_json::Value::Null).await?;
            expect(pulled.lmids.get(&phone.client) == sent.get(phone.client.as_str()), "a pushed edit is not there")?;
        }
        Ok(())
    }

    fn judge(&mut self, name: &str, count: usize, subjects: &[Subject]) {
        for subject in subjects {
            self.report.figure(name, &subject.name, subject.summary(), None);
        }
        let (ours, floor) = (subjects[0].summary(), subjects[1].summary());
        let sqlite = self.place.floor_url().is_none();
        let aim = |on: bool, bound: Bound| if on && count >= AIM_FROM { bound } else { Bound::None };
        let rate = ours.ops_per_s / floor.ops_per_s;
        self.report.verdict(format!("{name}: ours ÷ floor:sqlite"), rate, aim(sqlite, Bound::AtLeast(0.75)), "×");
        let slow = ours.p99_ms / floor.p99_ms;
        self.report.verdict(format!("{name}: our p99 ÷ floor:sqlite's"), slow, aim(sqlite, Bound::AtMost(2.0)), "×");
        if let Some(inserts) = subjects.get(2) {
            let rate = ours.ops_per_s / inserts.summary().ops_per_s;
            self.report.verdict(format!("{name}: ours ÷ prepared insert"), rate, aim(true, Bound::AtLeast(0.6)), "×");
        }
    }
}
