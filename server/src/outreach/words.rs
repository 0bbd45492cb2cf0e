//! The words of mails to buyers: templates with variables, filled for one case. Variables: buyer, shop, order, about, agent, date.

use super::model::CaseRow;
use super::moves::Situation;
use super::shipped::{self, Letter};
use super::{kinds::StepChannel, store};
use crate::customers::model::CustomerRow;
use crate::db::AnyConnection;
use crate::door::Tx;
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::kit::{ids, zone};
use crate::mail::buyer::BuyerMail;
use crate::team;

pub const SUBJECT_MAX: usize = 200;
pub const BODY_MAX: usize = 5_000;

/// What a template may say of a case.
#[derive(Debug, Clone, Default)]
pub struct Vars {
    pub buyer: String,
    pub shop: String,
    pub order: String,
    pub about: String,
    pub agent: String,
    /// The local day.
    pub date: String,
}

impl Vars {
    /// Made-up values, for a look without a buyer.
    pub fn sample(locale: &str) -> Self {
        let zh = locale.starts_with("zh");
        let text = |chinese: &str, english: &str| if zh { chinese } else { english }.to_owned();
        Vars {
            buyer: text("小鹿", "Lee"),
            shop: text("示例店铺", "Sample shop"),
            order: "4001234567890".into(),
            about: text("请确认收货地址", "please confirm the address"),
            agent: text("小李", "Ann"),
            date: "2026-03-03".into(),
        }
    }
}

impl Vars {
    fn get(&self, name: &str) -> Option<&str> {
        let value = match name {
            "buyer" => &self.buyer,
            "shop" => &self.shop,
            "order" => &self.order,
            "about" => &self.about,
            "agent" => &self.agent,
            "date" => &self.date,
            _ => return None,
        };
        Some(value)
    }

    /// What a buyer's card does not say is made up.
    #[must_use]
    pub fn or_sample(self, locale: &str) -> Self {
        let sample = Vars::sample(locale);
        let or = |own: String, made_up: String| if own.is_empty() { made_up } else { own };
        Vars {
            buyer: or(self.buyer, sample.buyer),
            shop: or(self.shop, sample.shop),
            order: or(self.order, sample.order),
            about: or(self.about, sample.about),
            agent: or(self.agent, sample.agent),
            date: or(self.date, sample.date),
        }
    }
}

/// Fills a template: text and `{{ variable }}`, nothing else, so that whoever writes one can make the server neither think nor remember.
/// Each text on its own; paragraphs of the body stay apart.
///
/// # Errors
/// `bad_template` for an unknown variable or a mistake in the braces, `too_long`.
pub fn fill(letter: &Letter, vars: &Vars) -> Result<Letter, Refusal> {
    let fill = |text: &str, most: usize| {
        if text.chars().count() > most {
            return Err(Refusal::from(Code::TooLong));
        }
        filled_in(text, vars)
    };
    Ok(Letter { subject: fill(&letter.subject, SUBJECT_MAX)?, body: fill(&letter.body, BODY_MAX)? })
}

fn filled_in(text: &str, vars: &Vars) -> Result<String, Refusal> {
    let bad = |why: &str| Refusal::because(Code::BadTemplate, why);
    if text.contains("{%") || text.contains("{#") {
        return Err(bad("only variables"));
    }
    let mut parts = text.split("{{");
    let mut done = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").ok_or_else(|| bad("an open brace"))?;
        done.push_str(vars.get(name.trim()).ok_or_else(|| bad("no such variable"))?);
        done.push_str(rest);
    }
    Ok(done)
}

/// # Errors
/// As [`fill`], and `bad_value` for an empty subject or body.
pub fn check(letter: &Letter) -> Result<(), Refusal> {
    if letter.subject.trim().is_empty() || letter.body.trim().is_empty() {
        return Err(Refusal::because(Code::BadValue, "words"));
    }
    fill(letter, &Vars::sample("zh-CN")).map(drop)
}

/// The workspace's own words for a reason and language, or those shipped.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn of_reason(
    conn: &mut AnyConnection,
    workspace_id: &str,
    reason: (&str, Option<&str>),
    locale: &str,
) -> Result<Letter, Stop> {
    let own = store::template(conn, workspace_id, &template_id(workspace_id, reason.0, locale))?;
    let own = own.map(|row| Letter { subject: row.subject, body: row.body });
    Ok(own.unwrap_or_else(|| shipped::letter(reason.1, locale).clone()))
}

pub fn template_id(workspace_id: &str, reason_id: &str, locale: &str) -> String {
    ids::derived(&[workspace_id, "template", reason_id, locale])
}

/// What a template may say of this case.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn vars(conn: &mut AnyConnection, situation: &Situation, case: &CaseRow, now: i64) -> Result<Vars, Stop> {
    let workspace_id = &case.workspace_id;
    let card = &situation.cards[0];
    let shop = case.shop_id.as_deref().map(|id| team::store::shop(conn, workspace_id, id)).transpose()?.flatten();
    let agent = case.created_by.as_deref().map(|id| team::store::person(conn, workspace_id, id)).transpose()?.flatten();
    Ok(Vars {
        buyer: if card.name.is_empty() { card.nick.clone() } else { card.name.clone() },
        shop: match shop {
            Some(shop) => shop.name,
            None => team::store::workspace(conn, workspace_id)?.name,
        },
        order: case.order_number.clone(),
        about: case.about.clone(),
        agent: agent.map(|person| person.name).unwrap_or_default(),
        date: zone::business_day(now, situation.zone).to_string(),
    })
}

/// The words of a case, on whichever channel.
pub(super) fn filled(conn: &mut AnyConnection, situation: &Situation, case: &CaseRow, vars: &Vars) -> Result<Letter, Stop> {
    let reason = (situation.reason.id.as_str(), situation.reason.code.as_deref());
    let template = of_reason(conn, &case.workspace_id, reason, &case.locale)?;
    // Words that cannot be filled any more are replaced by the shipped ones: the buyer still hears of it.
    Ok(fill(&template, vars).or_else(|_| fill(shipped::letter(reason.1, &case.locale), vars))?)
}

/// The words of the mail that a case sends now.
pub(super) fn letter(tx: &mut Tx<'_>, situation: &Situation, case: &CaseRow) -> Result<(Letter, String), Stop> {
    let now = tx.now();
    let vars = vars(tx.conn(), situation, case, now)?;
    Ok((filled(tx.conn(), situation, case, &vars)?, vars.shop))
}

/// Why a buyer gets a mail.
fn why(locale: &str, shop: &str) -> String {
    if locale.starts_with("zh") {
        format!("您收到这封邮件，是因为您在{shop}有一笔订单或服务需要您的回复。")
    } else {
        format!("You receive this mail because an order or request of yours at {shop} needs your answer.")
    }
}

/// What the template of mails to buyers wants, for a look at it.
pub fn mail_vars(letter: &Letter, locale: &str, shop: &str) -> serde_json::Value {
    let paragraphs = paragraphs(&letter.body);
    serde_json::json!({ "subject": letter.subject, "paragraphs": paragraphs, "reason_line": why(locale, shop), "from_name": shop })
}

/// The paragraphs of a text.
pub fn paragraphs(body: &str) -> Vec<String> {
    body.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

pub(super) fn outgoing(
    id: &str,
    case: &CaseRow,
    card: &CustomerRow,
    (letter, shop): (Letter, String),
    window: (u32, u32),
) -> BuyerMail {
    BuyerMail {
        id: id.into(),
        customer_id: card.id.clone(),
        to_address: card.email.clone(),
        to_name: if card.name.is_empty() { card.nick.clone() } else { card.name.clone() },
        locale: case.locale.clone(),
        subject: letter.subject,
        paragraphs: paragraphs(&letter.body),
        reason_line: why(&case.locale, &shop),
        thread: case.thread.clone(),
        window,
        from_name: shop,
        reply_to: None,
    }
}

/// What a provider of text messages or a voice robot says: the words of the mail, without its greeting and its farewell.
pub fn short(letter: &Letter) -> String {
    let parts = paragraphs(&letter.body);
    let middle = parts.get(1).or_else(|| parts.first()).cloned().unwrap_or_default();
    format!("【{}】{middle}", letter.subject)
}

/// Who is behind a channel of a provider.
pub fn is_provider(channel: StepChannel) -> bool {
    matches!(channel, StepChannel::Sms | StepChannel::Voice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_letter_can_be_filled_and_says_what_it_is_about() {
        for reason in &shipped::all().reasons {
            for locale in ["zh-CN", "en"] {
                let letter = fill(reason.mail.get(locale), &Vars::sample(locale)).expect("filled");
                let sample = Vars::sample(locale);
                assert!(letter.subject.contains(&sample.shop), "{} {locale}", reason.code);
                assert!(letter.body.contains(&sample.about) && letter.body.contains(&sample.buyer), "{} {locale}", reason.code);
                assert!(paragraphs(&letter.body).len() >= 3, "{}: greeting, matter, what to do", reason.code);
            }
        }
        assert_eq!(letter_of("own"), shipped::letter(Some("aftersales_answer"), "en"), "a reason of one's own");
    }

    fn letter_of(code: &str) -> &'static Letter {
        shipped::letter(Some(code), "en")
    }

    #[test]
    fn bad_templates_are_refused() {
        let letter = |subject: &str, body: &str| Letter { subject: subject.into(), body: body.into() };
        let refused = |letter: Letter| check(&letter).expect_err("refused").code;
        assert_eq!(check(&letter("Hi {{ buyer }}", "{{ about }}")), Ok(()));
        assert_eq!(refused(letter("Hi {{ phone }}", "x")), Code::BadTemplate, "numbers are no variable");
        assert_eq!(refused(letter("x", "{{ about")), Code::BadTemplate);
        assert_eq!(
            refused(letter("x", "{% for a in range(100000) %}{% for b in range(100000) %}.{% endfor %}{% endfor %}")),
            Code::BadTemplate
        );
        for clever in [
            "{{ buyer|upper }}",
            "{{ 'a' * 100000000 }}",
            "{% set x = 'a' * 100000000 %}",
            "{# nothing #}",
            "{{ buyer }} {{ {{ shop }} }}",
            "{{}}",
        ] {
            assert_eq!(refused(letter("x", clever)), Code::BadTemplate, "{clever}");
        }
        let vars = Vars { about: "{{ phone }} {% }}".into(), ..Vars::sample("en") };
        let filled = fill(&letter("x", "{{about}}!} {{ date }}"), &vars).expect("values are no templates");
        assert_eq!(filled.body, "{{ phone }} {% }}!} 2026-03-03");
        assert_eq!(refused(letter(" ", "x")), Code::BadValue);
        assert_eq!(refused(letter("x", &"长".repeat(BODY_MAX + 1))), Code::TooLong);
    }
}
