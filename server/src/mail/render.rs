//! Turns a mail of the outbox into subject, text and HTML.
//!
//! Templates are compiled into the binary: one folder per mail and language under `templates/`, two layouts and one file of
//! shared parts. Values are cleaned to one line before a template sees them, so no name can add a header, a line to the text
//! part or, thanks to auto-escaping, an element to the HTML part.

use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, syntax::SyntaxConfig};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[cfg(test)]
mod tests;

/// The mails Dutyboard sends. The outbox stores the kind as [`MailKind::as_str`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// Set your password. Variables: person, inviter, workspace, login, link, valid_days (whole days, a number).
    Invitation,
    /// Your day tomorrow. Variables: person, workspace, day_label (localised date), shift (null or name, start, end, arrive_by,
    /// shop, seat, overnight; the middle three may be null), boxes (time or null, title, quadrant Q1–Q4, cutoff), link,
    /// settings_link.
    Tomorrow,
    /// Something to know or to do. Variables: person, workspace, headline (one line), text (a colleague's own words, may be ""), link;
    /// `notice_id` names the notice whose sender wants to know how the mail went.
    Notice,
    /// The shop writes to a buyer; nothing of the product shows. Variables: subject, paragraphs (lines), reason_line, from_name,
    /// and stop_link if these mails can be ended by a click.
    Buyer,
}

impl MailKind {
    /// Every kind, in the order of the templates' folders.
    pub const ALL: [Self; 4] = [Self::Invitation, Self::Tomorrow, Self::Notice, Self::Buyer];

    /// The name in the outbox table and of the templates' folder.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Tomorrow => "tomorrow",
            Self::Notice => "notice",
            Self::Buyer => "buyer",
        }
    }

    /// The kind of that name, `None` for a name of another version of the program.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The three parts of a mail. The subject is one line without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    /// Lines end with `\n`; no blank line is doubled.
    pub text: String,
    pub html: String,
}

/// Why a mail cannot be made: a mistake in our program, never in what a person typed. Carries no values, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    #[error("mail template {template}, line {line}: {reason}")]
    Template { template: String, line: usize, reason: ErrorKind },
    #[error("the variables of a mail are not a JSON object")]
    NotAnObject,
    #[error("the mail variable {0} is not an http or https address")]
    BadLink(String),
}

impl From<Error> for RenderError {
    /// Keeps kind and place; minijinja's own detail may quote a person's name.
    fn from(error: Error) -> Self {
        let template = error.name().unwrap_or("unknown").to_owned();
        Self::Template { template, line: error.line().unwrap_or(0), reason: error.kind() }
    }
}

macro_rules! mail_templates {
    ($($folder:literal),*) => {
        &[
            ("layout.html", include_str!("templates/layout.html")),
            ("layout.txt", include_str!("templates/layout.txt")),
            ("parts.html", include_str!("templates/parts.html")),
            $(
                (concat!($folder, "/subject.txt"), include_str!(concat!("templates/", $folder, "/subject.txt"))),
                (concat!($folder, "/body.txt"), include_str!(concat!("templates/", $folder, "/body.txt"))),
                (concat!($folder, "/body.html"), include_str!(concat!("templates/", $folder, "/body.html"))),
            )*
        ]
    };
}

const TEMPLATES: &[(&str, &str)] = mail_templates!(
    "invitation/zh-CN",
    "invitation/en",
    "tomorrow/zh-CN",
    "tomorrow/en",
    "notice/zh-CN",
    "notice/en",
    "buyer/zh-CN",
    "buyer/en"
);

static TEMPLATE_SET: LazyLock<Result<Environment<'static>, RenderError>> = LazyLock::new(|| Ok(template_set()?));

fn template_set() -> Result<Environment<'static>, Error> {
    let mut set = Environment::new();
    // A forgotten variable is an error in a test, not a hole in somebody's mail.
    set.set_undefined_behavior(UndefinedBehavior::Strict);
    set.set_auto_escape_callback(|name| if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None });
    set.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    set.add_filter("href", href);
    for (name, source) in TEMPLATES {
        set.add_template(name, source)?;
    }
    Ok(set)
}

/// Renders one mail. `locale` is `zh-CN` or `en`; anything that is not English is written in Chinese, because a person with an
/// unknown language must still get the mail.
///
/// # Errors
/// A variable is missing, `vars` is no object, or a variable named `link` or `*_link` is not an http(s) address.
pub fn render(kind: MailKind, locale: &str, vars: &Json) -> Result<Rendered, RenderError> {
    let set = TEMPLATE_SET.as_ref().map_err(Clone::clone)?;
    let lang = language(locale);
    let mut values = top_level(vars)?;
    values.insert("lang".into(), lang.into());
    values.insert("product".into(), if lang == "en" { "Dutyboard" } else { "值班台" }.into());
    let part = |name: &str, values: &BTreeMap<String, Value>| -> Result<String, RenderError> {
        let template = set.get_template(&format!("{}/{lang}/{name}", kind.as_str()))?;
        Ok(template.render(values)?)
    };
    let subject = one_line(&part("subject.txt", &values)?);
    values.insert("subject".into(), (&subject).into());
    let text = tidy_text(&part("body.txt", &values)?);
    let html = part("body.html", &values)?;
    Ok(Rendered { subject, text, html })
}

fn language(locale: &str) -> &'static str {
    if locale.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("en")) { "en" } else { "zh-CN" }
}

fn top_level(vars: &Json) -> Result<BTreeMap<String, Value>, RenderError> {
    let object = vars.as_object().ok_or(RenderError::NotAnObject)?;
    for (name, value) in object {
        let is_link = name == "link" || name.ends_with("_link");
        if is_link && !value.as_str().is_some_and(is_web_address) {
            return Err(RenderError::BadLink(name.clone()));
        }
    }
    Ok(object.iter().map(|(name, value)| (name.clone(), clean(value))).collect())
}

/// JSON as template values, every string cleaned to one line.
fn clean(value: &Json) -> Value {
    match value {
        Json::String(words) => Value::from(one_line(words)),
        Json::Array(items) => items.iter().map(clean).collect::<Vec<_>>().into(),
        Json::Object(fields) => fields.iter().map(|(name, item)| (name.clone(), clean(item))).collect::<BTreeMap<_, _>>().into(),
        Json::Null | Json::Bool(_) | Json::Number(_) => Value::from(minijinja::value::Serde(value)),
    }
}

fn is_web_address(link: &str) -> bool {
    let web = link.starts_with("https://") || link.starts_with("http://");
    web && !link.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\'' | '\\'))
}

/// Escapes a link for an attribute but leaves the slashes: some mail programs do not decode `&#x2f;` and show a dead link.
fn href(link: &str) -> Value {
    let mut safe = String::with_capacity(link.len() + 16);
    for c in link.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    Value::from_safe_string(safe)
}

/// One line: white space and control characters become single spaces, marks that reverse the reading direction are dropped
/// (they let a name dress up as something else). Safe as a header value.
pub fn one_line(words: &str) -> String {
    let mut line = String::with_capacity(words.len());
    for c in words.chars().filter(|c| !turns_direction(*c)) {
        if c.is_whitespace() || c.is_control() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else {
            line.push(c);
        }
    }
    line.truncate(line.trim_end().len());
    line
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
}

/// Removes what template blocks leave behind: trailing spaces and doubled blank lines.
fn tidy_text(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut blank_before = true;
    for line in raw.lines().map(str::trim_end) {
        if line.is_empty() && blank_before {
            continue;
        }
        blank_before = line.is_empty();
        text.push_str(line);
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}
