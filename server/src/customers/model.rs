//! Rows and wire rows of the customers room. A buyer is two wire rows: the card, masked, for the team; and [`Reach`], phone and
//! addresses in full, for those who are to reach the buyer and for nobody else.

use super::kinds::{CallbackKind, CallbackState, Channel, ContactResult, Level};
use super::mask;
use crate::db::schema::{callback, contact, customer};
use crate::door::{Audience, Bucket, Wire};
use crate::kit::refusal::Stop;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

/// The row of a buyer. `messengers`, `tags`, `special_days`, `blocked` and `needed_by` are JSON text; an empty text is "not known".
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = customer, primary_key(workspace_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CustomerRow {
    pub workspace_id: String,
    pub id: String,
    pub team_id: String,
    pub shop_id: Option<String>,
    pub nick: String,
    pub name: String,
    pub phone: String,
    pub email: String,
    pub address: String,
    pub messengers: String,
    pub tags: String,
    pub tier: String,
    pub likes: String,
    pub sizes: String,
    pub notes: String,
    pub special_days: String,
    pub blocked: String,
    pub owner_id: Option<String>,
    pub ideal_days: Option<i32>,
    pub longest_days: Option<i32>,
    pub last_contact_at: Option<i64>,
    pub needed_by: String,
    /// Somebody else answered at this number.
    pub wrong_number: bool,
    /// The card that stands for this one.
    pub merged_into: Option<String>,
    pub created_at: i64,
    /// The workspace's version that last wrote it.
    pub stamp: i64,
    /// Mails to this address come back.
    pub bad_email: bool,
    /// An outreach case of this buyer is on phones.
    pub in_case: bool,
}

impl CustomerRow {
    /// # Errors
    /// `Fault` when the stored document is not readable.
    pub fn blocked(&self) -> Result<Vec<Channel>, Stop> {
        Ok(serde_json::from_str(&self.blocked)?)
    }

    /// Whether a care policy may apply. For a card that another one stands for, that one is asked.
    pub fn is_cared_for(&self) -> bool {
        !self.tier.is_empty() && self.merged_into.is_none()
    }

    /// Whose work it is to reach this buyer.
    ///
    /// # Errors
    /// `Fault` when the stored document is not readable.
    pub fn needed_by(&self) -> Result<Vec<String>, Stop> {
        Ok(serde_json::from_str(&self.needed_by)?)
    }

    /// The card, masked. `contacts` are the newest first.
    ///
    /// # Errors
    /// `Fault` when a stored document is not readable.
    pub fn card(&self, contacts: Vec<ContactRow>) -> Result<Customer, Stop> {
        Ok(Customer {
            id: self.id.clone(),
            team_id: self.team_id.clone(),
            shop_id: self.shop_id.clone(),
            nick: self.nick.clone(),
            name: self.name.clone(),
            phone: mask::phone(&self.phone),
            email: mask::email(&self.email),
            has_address: !self.address.is_empty(),
            tags: serde_json::from_str(&self.tags)?,
            tier: self.tier.clone(),
            likes: self.likes.clone(),
            sizes: self.sizes.clone(),
            notes: self.notes.clone(),
            special_days: serde_json::from_str(&self.special_days)?,
            blocked: self.blocked()?,
            owner_id: self.owner_id.clone(),
            ideal_days: self.ideal_days,
            longest_days: self.longest_days,
            last_contact_at: self.last_contact_at,
            contacts: contacts.into_iter().map(|row| row.wire()).collect::<Result<_, _>>()?,
            wrong_number: self.wrong_number,
            bad_email: self.bad_email,
            merged_into: self.merged_into.clone(),
            created_at: self.created_at,
            is_wanted: self.in_case || self.is_cared_for() || !self.needed_by()?.is_empty(),
        })
    }

    /// # Errors
    /// `Fault` when a stored document is not readable.
    pub fn reach(&self) -> Result<Reach, Stop> {
        Ok(Reach {
            id: self.id.clone(),
            phone: self.phone.clone(),
            email: self.email.clone(),
            address: self.address.clone(),
            messengers: serde_json::from_str(&self.messengers)?,
            needed_by: self.needed_by()?,
        })
    }
}

/// A yearly day, such as a birthday, by month and day of the Gregorian calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct SpecialDay {
    pub month: u32,
    pub day: u32,
    pub label: String,
}

/// Another messenger of a buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Messenger {
    pub name: String,
    pub handle: String,
}

/// A buyer's card. `phone` and `email` are masked; `last_contact_at` is the last real contact (UTC ms).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Customer {
    pub id: String,
    pub team_id: String,
    pub shop_id: Option<String>,
    pub nick: String,
    pub name: String,
    pub phone: String,
    pub email: String,
    pub has_address: bool,
    pub tags: Vec<String>,
    /// Id of a care policy; empty for none.
    pub tier: String,
    pub likes: String,
    pub sizes: String,
    pub notes: String,
    pub special_days: Vec<SpecialDay>,
    pub blocked: Vec<Channel>,
    pub owner_id: Option<String>,
    pub ideal_days: Option<i32>,
    pub longest_days: Option<i32>,
    pub last_contact_at: Option<i64>,
    pub contacts: Vec<Contact>,
    /// Somebody else answered at this number.
    pub wrong_number: bool,
    /// Mails to this address come back.
    pub bad_email: bool,
    /// The card that stands for this one.
    pub merged_into: Option<String>,
    pub created_at: i64,
    #[serde(skip)]
    pub is_wanted: bool,
}

impl Wire for Customer {
    const KIND: &'static str = "customer";
    fn id(&self) -> &str {
        &self.id
    }
    /// Phones hold those with whom something is to be done; all others are found by asking the server.
    fn audience(&self) -> Audience {
        if !self.is_wanted {
            return Audience::new();
        }
        Audience::from([Bucket::Team(self.team_id.clone()), Bucket::Supervisors(self.team_id.clone())])
    }
}

/// How to reach a buyer, in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Reach {
    pub id: String,
    pub phone: String,
    pub email: String,
    pub address: String,
    pub messengers: Vec<Messenger>,
    #[serde(skip)]
    pub needed_by: Vec<String>,
}

impl Wire for Reach {
    const KIND: &'static str = "reach";
    const PRIVATE: bool = true;
    fn id(&self) -> &str {
        &self.id
    }
    fn audience(&self) -> Audience {
        self.needed_by.iter().cloned().map(Bucket::User).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable)]
#[diesel(table_name = contact)]
pub struct ContactRow {
    pub workspace_id: String,
    pub id: String,
    pub customer_id: String,
    pub callback_id: Option<String>,
    pub author_id: String,
    pub channel: String,
    pub result: String,
    pub is_real: bool,
    pub minutes: Option<i32>,
    pub note: String,
    pub at: i64,
    pub campaign_id: Option<String>,
}

impl ContactRow {
    /// # Errors
    /// `Fault` when a stored word is not one of ours.
    pub fn wire(&self) -> Result<Contact, Stop> {
        Ok(Contact {
            id: self.id.clone(),
            callback_id: self.callback_id.clone(),
            author_id: self.author_id.clone(),
            channel: self.channel.parse().map_err(|()| unreadable(&self.id))?,
            result: self.result.parse().map_err(|()| unreadable(&self.id))?,
            minutes: self.minutes,
            note: self.note.clone(),
            at: self.at,
            campaign_id: self.campaign_id.clone(),
        })
    }
}

/// One contact with a buyer. `at` in UTC ms, `minutes` as the author says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Contact {
    pub id: String,
    pub callback_id: Option<String>,
    pub author_id: String,
    pub channel: Channel,
    pub result: ContactResult,
    pub minutes: Option<i32>,
    pub note: String,
    pub at: i64,
    /// The occasion that it was a greeting for.
    pub campaign_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Insertable, AsChangeset)]
#[diesel(table_name = callback, primary_key(workspace_id, id), treat_none_as_null = true)]
pub struct CallbackRow {
    pub workspace_id: String,
    pub id: String,
    pub customer_id: String,
    pub team_id: String,
    pub owner_id: Option<String>,
    pub kind: String,
    pub channel: String,
    pub scene: String,
    pub about: String,
    pub due_at: i64,
    pub until_at: i64,
    pub day: String,
    pub state: String,
    pub attempts: i32,
    pub attempts_on_day: i32,
    pub level: String,
    /// When it climbs on (UTC ms).
    pub next_level_at: Option<i64>,
    pub result: Option<String>,
    /// Moved or handed on by a person: the planner keeps its hands off.
    pub by_hand: bool,
    pub created_by: Option<String>,
    pub created_at: i64,
    pub closed_at: Option<i64>,
    pub archived: bool,
}

impl CallbackRow {
    pub fn is_open(&self) -> bool {
        self.state == CallbackState::Open.as_str()
    }

    /// # Errors
    /// `Fault` when the stored word is not one of ours.
    pub fn level(&self) -> Result<Level, Stop> {
        self.level.parse().map_err(|()| unreadable(&self.id))
    }

    /// # Errors
    /// `Fault` when the stored word is not one of ours.
    pub fn channel(&self) -> Result<Channel, Stop> {
        self.channel.parse().map_err(|()| unreadable(&self.id))
    }

    /// # Errors
    /// `Fault` when a stored word is not one of ours.
    pub fn wire(&self) -> Result<Callback, Stop> {
        let result = self.result.as_deref().map(str::parse).transpose();
        Ok(Callback {
            id: self.id.clone(),
            customer_id: self.customer_id.clone(),
            team_id: self.team_id.clone(),
            owner_id: self.owner_id.clone(),
            kind: self.kind.parse().map_err(|()| unreadable(&self.id))?,
            channel: self.channel()?,
            scene: self.scene.clone(),
            about: self.about.clone(),
            due_at: self.due_at,
            until_at: self.until_at,
            day: self.day.clone(),
            state: self.state.parse().map_err(|()| unreadable(&self.id))?,
            attempts: self.attempts,
            level: self.level()?,
            result: result.map_err(|()| unreadable(&self.id))?,
            created_by: self.created_by.clone(),
            closed_at: self.closed_at,
            archived: self.archived,
        })
    }
}

fn unreadable(id: &str) -> Stop {
    Stop::fault(format!("{id} holds a word that is not ours"))
}

/// A buyer to come back to between `due_at` and `until_at` (UTC ms). `attempts`: tries without reaching them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct Callback {
    pub id: String,
    pub customer_id: String,
    pub team_id: String,
    pub owner_id: Option<String>,
    pub kind: CallbackKind,
    pub channel: Channel,
    pub scene: String,
    pub about: String,
    pub due_at: i64,
    pub until_at: i64,
    pub day: String,
    pub state: CallbackState,
    pub attempts: i32,
    pub level: Level,
    pub result: Option<ContactResult>,
    pub created_by: Option<String>,
    pub closed_at: Option<i64>,
    #[serde(skip)]
    pub archived: bool,
}

impl Wire for Callback {
    const KIND: &'static str = "callback";
    fn id(&self) -> &str {
        &self.id
    }
    /// Its owner and the supervisors; the whole team when it is overdue or nobody's.
    fn audience(&self) -> Audience {
        if self.archived {
            return Audience::new();
        }
        let mut audience = Audience::from([Bucket::Supervisors(self.team_id.clone())]);
        if self.level >= Level::Mates || self.owner_id.is_none() {
            audience.insert(Bucket::Team(self.team_id.clone()));
        }
        audience.extend(self.owner_id.clone().map(Bucket::User));
        audience
    }
}
