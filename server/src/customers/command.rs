//! Writes of the customers room: load, decide, store.

use super::books::PolicyRow;
use super::import::{self, ImportRow};
use super::kinds::{Channel, ContactResult};
use super::model::{CustomerRow, Messenger, SpecialDay};
use super::{callbacks, campaigns, contacts, erase, files, merge, papers, plan, rules, store};
use crate::door::Tx;
use crate::kit::ids;
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::text::Text;
use crate::team;

crate::commands! { CustomersCommand {
    "customer.save" CustomerSave: Anyone => save,
    "customer.reach" CustomerReach: Anyone => reach,
    "customer.block" CustomerBlock: Anyone => block,
    "customer.care" CustomerCare: Supervisor => care,
    "customer.reveal" CustomerReveal: Anyone => reveal,
    "customer.import" CustomerImport: Supervisor => import::apply,
    "customer.merge" CustomerMerge: Supervisor => merge::merge,
    "customer.part" CustomerPart: Supervisor => merge::part,
    "customer.distinct" CustomerDistinct: Supervisor => merge::distinct,
    "customer.file_add" CustomerFileAdd: Anyone => files::add,
    "customer.file_drop" CustomerFileDrop: Anyone => files::drop,
    "customer.export" CustomerExport: Supervisor => erase::export,
    "customer.erase" CustomerErase: Supervisor => erase::erase,
    "customer.keep" CustomerKeep: Owner => erase::keep,
    "customer.retire" CustomerRetire: System => erase::retire,
    "contact.log" ContactLog: Anyone => contacts::log,
    "callback.make" CallbackMake: Anyone => callbacks::make,
    "callback.move" CallbackMove: Anyone => callbacks::move_to,
    "callback.hand" CallbackHand: Anyone => callbacks::hand,
    "callback.take" CallbackTake: Anyone => callbacks::take,
    "callback.cancel" CallbackCancel: Anyone => callbacks::cancel,
    "callback.raise" CallbackRaise: System => plan::raise,
    "callback.retire" CallbackRetire: System => plan::retire,
    "campaign.save" CampaignSave: Supervisor => campaigns::save,
    "campaign.drop" CampaignDrop: Supervisor => campaigns::drop,
    "campaign.retire" CampaignRetire: System => campaigns::retire,
    "care.policy" CarePolicySave: Supervisor => policy,
    "care.plan" CarePlan: System => plan::plan,
} }

crate::args! {
    /// A new buyer, or new words on the card of a known one; what is left out stays as it is.
    CustomerSave {
        id: String,
        /// The team of a new buyer; one's own when left out.
        #[cfg_attr(test, ts(optional))] team_id: Option<String>,
        #[cfg_attr(test, ts(optional))] shop_id: Option<String>,
        #[cfg_attr(test, ts(optional))] nick: Option<String>,
        #[cfg_attr(test, ts(optional))] name: Option<String>,
        #[cfg_attr(test, ts(optional))] tags: Option<Vec<String>>,
        #[cfg_attr(test, ts(optional))] likes: Option<String>,
        #[cfg_attr(test, ts(optional))] sizes: Option<String>,
        #[cfg_attr(test, ts(optional))] notes: Option<String>,
        #[cfg_attr(test, ts(optional))] special_days: Option<Vec<SpecialDay>>,
    }
    /// How a buyer can be reached; what is left out stays as it is, an empty text forgets.
    CustomerReach {
        id: String,
        #[cfg_attr(test, ts(optional))] phone: Option<String>,
        #[cfg_attr(test, ts(optional))] email: Option<String>,
        #[cfg_attr(test, ts(optional))] address: Option<String>,
        #[cfg_attr(test, ts(optional))] messengers: Option<Vec<Messenger>>,
    }
    /// The buyer does not want to be contacted this way; or does again.
    CustomerBlock { id: String, channel: Channel, on: bool, }
    /// Puts a buyer into a care tier ("" for none), gives them an agent of their own, and gaps of their own in days.
    CustomerCare { id: String, tier: String, owner_id: Option<String>, ideal_days: Option<i32>, longest_days: Option<i32>, }
    /// Somebody reads a buyer's number or address: kept in the history, with the reason.
    CustomerReveal { id: String, reason: String, }
    /// Buyers and orders of a file; what is known already stays, what is new is added.
    CustomerImport { team_id: String, shop_id: Option<String>, rows: Vec<ImportRow>, }
    /// Lets the card `into_id` stand for the card `id`: one person.
    CustomerMerge { id: String, into_id: String, }
    /// Takes a merge back.
    CustomerPart { id: String, }
    /// These cards are of different people, whatever they share.
    CustomerDistinct { ids: Vec<String>, }
    /// Puts an uploaded file (its SHA-256) on a card.
    CustomerFileAdd { id: String, sha256: String, name: String, }
    CustomerFileDrop { id: String, file_id: String, }
    /// Somebody takes everything known of a buyer: kept in the history, with the reason.
    CustomerExport { id: String, reason: String, }
    /// Deletes everything known of a buyer, for good.
    CustomerErase { id: String, reason: String, }
    /// How many months (6 to 120) a buyer is kept of whom nothing is heard; none for ever.
    CustomerKeep { months: Option<i32>, }
    /// Erases those of whom nothing was heard since an instant (UTC ms), `most` at once.
    CustomerRetire { before: i64, most: i64, }
    /// A contact with a buyer; about a callback when it is named. `later_at`: when the buyer wants to be called instead (UTC ms).
    ContactLog {
        id: String, customer_id: String, callback_id: Option<String>, channel: Channel, result: ContactResult,
        minutes: Option<i32>, note: String,
        #[cfg_attr(test, ts(optional))] later_at: Option<i64>,
        /// The occasion that it is a greeting for.
        #[cfg_attr(test, ts(optional))] campaign_id: Option<String>,
    }
    /// A promise to come back to a buyer. Instants in UTC ms; without `owner_id` it is one's own.
    CallbackMake {
        id: String, customer_id: String, channel: Channel, due_at: i64,
        #[cfg_attr(test, ts(optional))] until_at: Option<i64>,
        #[cfg_attr(test, ts(optional))] owner_id: Option<String>,
        about: String, scene: String,
    }
    CallbackMove { id: String, due_at: i64, }
    CallbackHand { id: String, to: String, }
    /// Takes a callback that is overdue or nobody's.
    CallbackTake { id: String, }
    CallbackCancel { id: String, reason: String, }
    /// Lets callbacks climb whose time has come.
    CallbackRaise { ids: Vec<String>, }
    /// Takes callbacks that ended before this instant off the phones.
    CallbackRetire { before: i64, }
    /// An occasion to greet buyers of a tier and with a tag ("" for all), between two business days; one's own team's when left out.
    CampaignSave {
        id: String, #[cfg_attr(test, ts(optional))] team_id: Option<String>,
        name: String, from: String, until: String, tier: String, tag: String,
    }
    CampaignDrop { id: String, }
    /// Takes away what ended before this business day.
    CampaignRetire { before: String, }
    CarePolicySave { id: String, name: Text, ideal_days: i32, longest_days: i32, enabled: bool, }
    /// Plans the care calls of a team anew.
    CarePlan { team_id: String, }
}

const LIST_MAX: usize = 50;
const GAP_MAX: i32 = 3_660;

/// The buyer, for somebody of the team. What one cannot see is as good as gone.
///
/// # Errors
/// `gone`.
pub fn load(tx: &mut Tx<'_>, id: &str) -> Result<CustomerRow, Stop> {
    let workspace_id = tx.workspace_id();
    let row = store::customer(tx.conn(), workspace_id, id)?;
    let actor = tx.actor();
    if actor.is_system() || actor.oversees(&row.team_id) || actor.team_id == row.team_id {
        Ok(row)
    } else {
        Err(Code::Gone.into())
    }
}

/// # Errors
/// `not_in_team` for a team that is not one's own, `gone` when there is none.
pub(super) fn load_team(tx: &mut Tx<'_>, id: Option<&str>) -> Result<String, Stop> {
    let (workspace_id, actor) = (tx.workspace_id(), tx.actor());
    let team_id = id.unwrap_or(&actor.team_id).to_owned();
    if !actor.is_system() && !actor.oversees(&team_id) && actor.team_id != team_id {
        return Err(Code::NotInTeam.into());
    }
    team::store::team(tx.conn(), workspace_id, &team_id)?.ok_or(Stop::from(Code::Gone))?;
    Ok(team_id)
}

pub(super) fn blank(tx: &Tx<'_>, id: &str, team_id: String) -> CustomerRow {
    let none = || "[]".to_owned();
    CustomerRow {
        workspace_id: tx.workspace_id().into(),
        id: id.into(),
        team_id,
        shop_id: None,
        nick: String::new(),
        name: String::new(),
        phone: String::new(),
        email: String::new(),
        address: String::new(),
        messengers: none(),
        tags: none(),
        tier: String::new(),
        likes: String::new(),
        sizes: String::new(),
        notes: String::new(),
        special_days: none(),
        blocked: none(),
        owner_id: None,
        ideal_days: None,
        longest_days: None,
        last_contact_at: None,
        needed_by: none(),
        wrong_number: false,
        merged_into: None,
        created_at: tx.now(),
        stamp: tx.version(),
        bad_email: false,
        in_case: false,
    }
}

fn save(tx: &mut Tx<'_>, args: &CustomerSave) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    let known = store::find(tx.conn(), workspace_id, &args.id)?;
    let before = if known.is_some() { Some(load(tx, &args.id)?) } else { None };
    let mut after = match &before {
        Some(row) => row.clone(),
        // An old phone may still hold somebody who was erased.
        None if !papers::erasures_of(tx.conn(), workspace_id, std::slice::from_ref(&args.id))?.is_empty() => {
            return Err(Code::Gone.into());
        }
        None => {
            let team_id = load_team(tx, args.team_id.as_deref())?;
            blank(tx, &args.id, team_id)
        }
    };
    if let Some(shop_id) = args.shop_id.as_deref().filter(|id| !id.is_empty()) {
        team::store::shop(tx.conn(), workspace_id, shop_id)?.ok_or(Stop::from(Code::Gone))?;
        after.shop_id = Some(shop_id.into());
    }
    for (field, given, most) in [
        (&mut after.nick, &args.nick, rules::WORD_MAX),
        (&mut after.name, &args.name, rules::WORD_MAX),
        (&mut after.likes, &args.likes, rules::TEXT_MAX),
        (&mut after.sizes, &args.sizes, rules::TEXT_MAX),
        (&mut after.notes, &args.notes, rules::TEXT_MAX),
    ] {
        if let Some(text) = given {
            *field = rules::typed(text, most)?;
        }
    }
    if let Some(tags) = &args.tags {
        after.tags = serde_json::to_string(&words(tags)?)?;
    }
    if let Some(days) = &args.special_days {
        after.special_days = serde_json::to_string(&special_days(days)?)?;
    }
    if after.nick.is_empty() && after.name.is_empty() {
        return Err(Refusal::because(Code::BadValue, "a buyer needs a nick or a name").into());
    }
    store::save(tx, before.as_ref(), &after, None)
}

fn words(words: &[String]) -> Result<Vec<String>, Refusal> {
    if words.len() > LIST_MAX {
        return Err(Code::TooMany.into());
    }
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        let word = rules::typed(word, rules::WORD_MAX)?;
        if !word.is_empty() && !kept.contains(&word) {
            kept.push(word);
        }
    }
    Ok(kept)
}

fn special_days(days: &[SpecialDay]) -> Result<Vec<SpecialDay>, Refusal> {
    if days.len() > LIST_MAX {
        return Err(Code::TooMany.into());
    }
    let read = |day: &SpecialDay| {
        // A leap year: a birthday may be the 29th of February.
        chrono::NaiveDate::from_ymd_opt(2024, day.month, day.day).ok_or(Refusal::from(Code::BadTime))?;
        Ok(SpecialDay { label: rules::typed(&day.label, rules::WORD_MAX)?, ..day.clone() })
    };
    days.iter().map(read).collect()
}

fn reach(tx: &mut Tx<'_>, args: &CustomerReach) -> Result<(), Stop> {
    let before = load(tx, &args.id)?;
    let mut after = before.clone();
    if let Some(phone) = &args.phone {
        after.phone = rules::phone(phone)?;
        after.wrong_number &= after.phone == before.phone;
    }
    if let Some(email) = &args.email {
        after.email = rules::email(email)?;
        after.bad_email &= after.email == before.email;
    }
    if let Some(address) = &args.address {
        after.address = rules::typed(address, rules::TEXT_MAX)?;
    }
    if let Some(messengers) = &args.messengers {
        if messengers.len() > LIST_MAX {
            return Err(Code::TooMany.into());
        }
        for one in messengers {
            rules::typed(&one.name, rules::WORD_MAX)?;
            rules::typed(&one.handle, rules::WORD_MAX)?;
        }
        after.messengers = serde_json::to_string(messengers)?;
    }
    store::save(tx, Some(&before), &after, None)
}

fn block(tx: &mut Tx<'_>, args: &CustomerBlock) -> Result<(), Stop> {
    let row = load(tx, &args.id)?;
    // The person does not want it, whichever card it is said on.
    for before in store::person(tx.conn(), row)? {
        let after = CustomerRow { blocked: blocked(&before, args.channel, args.on)?, ..before.clone() };
        store::save(tx, Some(&before), &after, None)?;
    }
    Ok(())
}

pub(super) fn blocked(row: &CustomerRow, channel: Channel, on: bool) -> Result<String, Stop> {
    let mut channels = row.blocked()?;
    channels.retain(|known| *known != channel);
    if on {
        channels.push(channel);
        channels.sort_unstable();
    }
    Ok(serde_json::to_string(&channels)?)
}

fn care(tx: &mut Tx<'_>, args: &CustomerCare) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let before = load(tx, &args.id)?;
    if !args.tier.is_empty() {
        store::policy(tx.conn(), workspace_id, &args.tier)?.ok_or(Stop::from(Code::Gone))?;
    }
    if let Some(owner) = &args.owner_id {
        teammate(tx, &before.team_id, owner)?;
    }
    gaps(args.ideal_days, args.longest_days)?;
    let mut after = CustomerRow {
        tier: args.tier.clone(),
        owner_id: args.owner_id.clone(),
        ideal_days: args.ideal_days,
        longest_days: args.longest_days,
        ..before.clone()
    };
    after.needed_by = store::needed_by(tx.conn(), &after)?;
    store::save(tx, Some(&before), &after, None)?;
    plan::soon(tx, &after.team_id)
}

fn gaps(ideal: Option<i32>, longest: Option<i32>) -> Result<(), Refusal> {
    let fits = |days: Option<i32>| days.is_none_or(|days| (1..=GAP_MAX).contains(&days));
    let ordered = ideal.zip(longest).is_none_or(|(ideal, longest)| ideal <= longest);
    if fits(ideal) && fits(longest) && ordered { Ok(()) } else { Err(Code::BadValue.into()) }
}

fn policy(tx: &mut Tx<'_>, args: &CarePolicySave) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    ids::check(&args.id)?;
    gaps(Some(args.ideal_days), Some(args.longest_days))?;
    let word = |text: &str| match rules::typed(text, rules::WORD_MAX) {
        Ok(word) if word.is_empty() => Err(Code::BadValue.into()),
        other => other,
    };
    let after = PolicyRow {
        workspace_id: workspace_id.into(),
        id: args.id.clone(),
        name_zh: word(&args.name.zh)?,
        name_en: word(&args.name.en)?,
        ideal_days: args.ideal_days,
        longest_days: args.longest_days,
        enabled: args.enabled,
    };
    let before = store::policy(tx.conn(), workspace_id, &args.id)?;
    store::save_policy(tx, before.as_ref(), &after)?;
    for team in team::store::teams(tx.conn(), workspace_id)? {
        plan::soon(tx, &team.id)?;
    }
    Ok(())
}

/// Somebody active of the team, who can be given work.
pub(super) fn teammate(tx: &mut Tx<'_>, team_id: &str, person_id: &str) -> Result<(), Stop> {
    let workspace_id = tx.workspace_id();
    let person = team::person(tx.conn(), workspace_id, person_id)?;
    if person.active && person.team_id == team_id { Ok(()) } else { Err(Code::NotInTeam.into()) }
}

fn reveal(tx: &mut Tx<'_>, args: &CustomerReveal) -> Result<(), Stop> {
    let row = load(tx, &args.id)?;
    let reason = rules::typed(&args.reason, rules::WORD_MAX)?;
    let is_needed = row.needed_by()?.contains(&tx.actor().user_id);
    if reason.is_empty() && !is_needed {
        return Err(Code::ReasonRequired.into());
    }
    tx.record(&format!("reach/{}", row.id), &serde_json::json!({ "team_id": row.team_id, "reason": reason }))
}
