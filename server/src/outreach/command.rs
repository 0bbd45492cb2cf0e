//! Writes of the outreach room.

use super::kinds::{Decision, HookChannel, StepChannel, Then};
use super::settings::{ChainStep, HoursByChannel};
use super::{cases, hear, ring, setup};
use crate::kit::text::{Locale, Text};

crate::commands! { OutreachCommand {
    "outreach.open" OutreachOpen: Anyone => cases::open,
    "outreach.answer" OutreachAnswer: Anyone => cases::answer,
    "outreach.turn" OutreachTurn: Anyone => cases::turn,
    "outreach.close" OutreachClose: Anyone => cases::close,
    "outreach.returned" OutreachReturned: Anyone => cases::returned,
    "outreach.decide" OutreachDecide: Supervisor => cases::decide,
    "outreach.next" OutreachNext: Supervisor => cases::next,
    "outreach.ship" OutreachShip: System => setup::ship,
    "outreach.due" OutreachDue: System => hear::due,
    "outreach.heard" OutreachHeard: System => hear::heard,
    "outreach.mailed" OutreachMailed: System => hear::mailed,
    "outreach.replied" OutreachReplied: System => hear::replied,
    "outreach.hook_failed" OutreachHookFailed: System => hear::hook_failed,
    "outreach.reassign" OutreachReassign: System => hear::reassign,
    "outreach.ring" OutreachRing: System => ring::ring,
    "outreach.retire" OutreachRetire: System => setup::retire,
    "chain.save" ChainSave: Supervisor => setup::save_chain,
    "chain.drop" ChainDrop: Supervisor => setup::drop_chain,
    "outreach_reason.save" OutreachReasonSave: Supervisor => setup::save_reason,
    "outreach_hours.save" OutreachHoursSave: Supervisor => setup::save_hours,
    "outreach_hours.drop" OutreachHoursDrop: Supervisor => setup::drop_hours,
    "outreach_template.save" OutreachTemplateSave: Supervisor => setup::save_template,
    "outreach_template.reset" OutreachTemplateReset: Supervisor => setup::reset_template,
    "outreach_template.test" OutreachTemplateTest: Supervisor => setup::test_template,
    "outreach_hook.save" OutreachHookSave: Owner => setup::save_hook,
    "outreach_hook.drop" OutreachHookDrop: Owner => setup::drop_hook,
} }

crate::args! {
    /// Begins to reach a buyer; by the reason's chain when none is named, and in the workspace's language.
    OutreachOpen {
        id: String, customer_id: String, reason_id: String, about: String, order_number: String,
        #[cfg_attr(test, ts(optional))] chain_id: Option<String>,
        #[cfg_attr(test, ts(optional))] locale: Option<Locale>,
    }
    /// The buyer answered: the chain stops at once.
    OutreachAnswer { id: String, channel: StepChannel, note: String, then: Then, }
    /// It is the shop's own turn (nobody is reached), or the buyer's again; `as_it_was`: there was no answer, nothing begins anew.
    OutreachTurn { id: String, ours: bool, note: String, #[cfg_attr(test, ts(optional))] as_it_was: Option<bool>, }
    OutreachClose { id: String, reason: String, }
    /// The parcel that was called back is here.
    OutreachReturned { id: String, note: String, }
    OutreachDecide { id: String, decision: Decision, }
    /// The next step now; `step` is the one that it expects.
    OutreachNext { id: String, step: i32, }
    /// Gives a workspace the shipped chains, reasons and hours that it does not have.
    OutreachShip {}
    /// Moves cases whose time has come.
    OutreachDue { ids: Vec<String>, }
    /// Contacts of this buyer are new.
    OutreachHeard { customer_id: String, }
    /// What became of a mail: `state` is sent, failed, bounced or stopped.
    OutreachMailed { mail_id: String, customer_id: String, state: String, permanent: bool, }
    /// A reply that no agent read: to a mail, or of a case with the provider's own id of it.
    OutreachReplied {
        mail_id: Option<String>, case_id: Option<String>, reply_id: Option<String>, channel: StepChannel, text: String,
    }
    /// A provider did not take the message `id`.
    OutreachHookFailed { case_id: String, channel: StepChannel, id: String, }
    /// Gives calls of those who are off to others.
    OutreachReassign { ids: Vec<String>, }
    /// Lets overdue boxes climb.
    OutreachRing { ids: Vec<String>, }
    /// Takes cases that ended before this instant off the phones.
    OutreachRetire { before: i64, }
    /// A new chain, or other steps for a known one; cases that run keep theirs.
    ChainSave { id: String, name: Text, steps: Vec<ChainStep>, enabled: bool, }
    ChainDrop { id: String, }
    OutreachReasonSave { id: String, name: Text, chain_id: String, scene: String, is_reminder: bool, archived: bool, }
    /// Hours of a shop, or of every shop without its own.
    OutreachHoursSave {
        id: String, shop_id: Option<String>,
        #[cfg_attr(test, ts(type = "Record<HoursChannel, HoursOf>"))] hours: HoursByChannel,
        decide_hours: i32, return_days: i32,
        open_from: String, open_until: String, working_days_only: bool,
    }
    OutreachHoursDrop { id: String, }
    /// The workspace's own words for a reason and language.
    OutreachTemplateSave { id: String, reason_id: String, locale: Locale, subject: String, body: String, }
    /// Back to the shipped words.
    OutreachTemplateReset { id: String, }
    /// Mails the words to oneself, filled for a buyer or made-up.
    OutreachTemplateTest { reason_id: String, locale: Locale, subject: String, body: String, customer_id: Option<String>, }
    /// The provider of a channel; without a secret, the known one stays.
    OutreachHookSave { channel: HookChannel, url: String, #[cfg_attr(test, ts(optional))] secret: Option<String>, }
    OutreachHookDrop { channel: HookChannel, }
}
