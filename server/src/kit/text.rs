//! Bilingual text of shipped data, and text that comes from outside.

use serde::{Deserialize, Serialize};

/// The same words in Chinese and English. A text typed by a user has both parts equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub zh: String,
    pub en: String,
}

impl Text {
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Text { zh: zh.into(), en: en.into() }
    }

    /// A text somebody typed: one wording for both languages.
    pub fn same(words: impl Into<String>) -> Self {
        let zh = words.into();
        Text { en: zh.clone(), zh }
    }

    /// The words for a locale: Chinese for "zh…", English for everything else.
    pub fn get(&self, locale: &str) -> &str {
        if locale.starts_with("zh") { &self.zh } else { &self.en }
    }
}

/// The text without U+0000, which Postgres cannot store: for what nobody can be asked to write again.
pub fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

/// The languages of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub enum Locale {
    #[serde(rename = "zh-CN")]
    Chinese,
    #[serde(rename = "en")]
    English,
}

impl Locale {
    pub fn as_str(self) -> &'static str {
        match self {
            Locale::Chinese => "zh-CN",
            Locale::English => "en",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_the_language_and_reads_back() {
        let text = Text::new("早班", "Early");
        assert_eq!((text.get("zh-CN"), text.get("en")), ("早班", "Early"));
        assert_eq!(Text::same("x"), Text::new("x", "x"));
        let json = serde_json::to_string(&text).expect("writes");
        assert_eq!(json, r#"{"zh":"早班","en":"Early"}"#);
        assert_eq!(serde_json::from_str::<Text>(&json).expect("reads"), text);
    }
}
