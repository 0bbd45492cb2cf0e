//! How the robots of group chats are written to, signed the way each wants it. Pure.
//!
//! DingTalk: open.dingtalk.com, "custom robot security settings". Feishu: open.feishu.cn, "custom bot usage guide". WeCom:
//! developer.work.weixin.qq.com, "group robot".

use super::kinds::RobotKind;
use crate::kit::signature;
use crate::post::PostError;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A text message as a robot takes it. `url` is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    pub url: String,
    pub body: Value,
}

/// The message for a robot. No secret: the robot does not want a signature. `now_ms`: UTC ms; the robots allow an hour.
pub fn message(kind: RobotKind, url: &str, secret: &str, text: &str, now_ms: i64) -> Message {
    match kind {
        RobotKind::Dingtalk => {
            let signature = (!secret.is_empty()).then(|| dingtalk_query(secret, now_ms));
            let joint = if url.contains('?') { "&" } else { "?" };
            let url = signature.map_or_else(|| url.to_owned(), |query| format!("{url}{joint}{query}"));
            Message { url, body: json!({ "msgtype": "text", "text": { "content": text } }) }
        }
        RobotKind::Feishu => {
            // Its texts ring whom a tag names, all of them perhaps, and the words are not ours: what looks like one is no tag.
            let text = text.replace('<', "＜").replace('>', "＞");
            let mut body = json!({ "msg_type": "text", "content": { "text": text } });
            if !secret.is_empty() {
                let timestamp = now_ms.div_euclid(1000);
                body["timestamp"] = json!(timestamp.to_string());
                body["sign"] = json!(feishu_sign(secret, timestamp));
            }
            Message { url: url.to_owned(), body }
        }
        // The key is in the address.
        RobotKind::Wecom => Message { url: url.to_owned(), body: json!({ "msgtype": "text", "text": { "content": text } }) },
    }
}

fn dingtalk_query(secret: &str, now_ms: i64) -> String {
    let signature = STANDARD.encode(signature::hmac(secret.as_bytes(), format!("{now_ms}\n{secret}").as_bytes()));
    // Of base64's characters these three mean something else in a query.
    let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("timestamp={now_ms}&sign={signature}")
}

/// Feishu signs nothing with a key made of time and secret.
fn feishu_sign(secret: &str, timestamp_s: i64) -> String {
    STANDARD.encode(signature::hmac(format!("{timestamp_s}\n{secret}").as_bytes(), b""))
}

/// Whether the robot took the message: they answer 200 and say in the body what is wrong. Only the number is repeated.
///
/// # Errors
/// `Temporary` when the robot is busy or was written to too often, `Permanent` for anything else.
pub fn judge(kind: RobotKind, body: &str) -> Result<(), PostError> {
    let answer: Value = serde_json::from_str(body).unwrap_or_default();
    let (field, too_often): (&str, &[i64]) = match kind {
        RobotKind::Dingtalk => ("errcode", &[-1, 88, 90_018, 130_101, 410_100]),
        RobotKind::Feishu => ("code", &[9_499, 11_232, 99_991_400]),
        RobotKind::Wecom => ("errcode", &[-1, 45_009, 45_033]),
    };
    match answer[field].as_i64() {
        Some(0) => Ok(()),
        Some(code) if too_often.contains(&code) => Err(PostError::Temporary(format!("{field} {code}"))),
        Some(code) => Err(PostError::Permanent { status: None, why: format!("{field} {code}") }),
        // An old Feishu answer, and whatever else is no answer of a robot.
        None if kind == RobotKind::Feishu && answer["StatusCode"].as_i64() == Some(0) => Ok(()),
        None => Err(PostError::Permanent { status: None, why: "not a robot's answer".into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected signatures: computed with openssl, e.g. printf '%s\n%s' TIME SECRET | openssl dgst -sha256 -hmac SECRET -binary | base64
    const NOW: i64 = 1_772_409_600_123;

    #[test]
    fn dingtalk_signs_time_and_secret_in_the_query() {
        let made = message(RobotKind::Dingtalk, "https://oapi.dingtalk.com/robot/send?access_token=t", "SECabc", "你好", NOW);
        assert_eq!(
            made.url,
            format!(
                "https://oapi.dingtalk.com/robot/send?access_token=t&timestamp={NOW}&sign=vN3GZZBxtZ40jTsc8zSOTvsWdf%2FLKUznxh0I%2F%2FwmQxg%3D"
            )
        );
        assert_eq!(made.body, json!({ "msgtype": "text", "text": { "content": "你好" } }));
        let bare = message(RobotKind::Dingtalk, "https://x.test/send", "", "t", NOW);
        assert_eq!(bare.url, "https://x.test/send", "no secret, no signature");
        assert!(
            message(RobotKind::Dingtalk, "https://x.test/send", "s", "t", NOW).url.starts_with("https://x.test/send?timestamp=")
        );
    }

    #[test]
    fn feishu_signs_nothing_with_time_and_secret() {
        let made = message(RobotKind::Feishu, "https://open.feishu.cn/hook", "SECabc", "你好", NOW);
        let expected = json!({ "timestamp": "1772409600", "sign": "rf0JNL4u4dJsAyzDguZIG8KVYU12uqA67rNAOkcny2c=", "msg_type": "text", "content": { "text": "你好" } });
        assert_eq!((made.url.as_str(), made.body), ("https://open.feishu.cn/hook", expected));
        let bare = message(RobotKind::Feishu, "https://open.feishu.cn/hook", "", "t", NOW);
        assert_eq!(bare.body, json!({ "msg_type": "text", "content": { "text": "t" } }));
        let loud = message(RobotKind::Feishu, "https://x.test", "", "<at user_id=\"all\">小鹿</at>", NOW).body.to_string();
        assert!(!loud.contains(['<', '>']) && loud.contains("小鹿"), "a buyer's nick rings nobody: {loud}");
    }

    #[test]
    fn wecom_has_its_key_in_the_address() {
        let made = message(RobotKind::Wecom, "https://qyapi.weixin.qq.com/hook?key=k", "unused", "t", NOW);
        assert_eq!(made.url, "https://qyapi.weixin.qq.com/hook?key=k");
        assert_eq!(made.body, json!({ "msgtype": "text", "text": { "content": "t" } }));
    }

    #[test]
    fn an_answer_is_success_later_or_never() {
        let is = |kind, body: &str| match judge(kind, body) {
            Ok(()) => "taken",
            Err(PostError::Temporary(_)) => "later",
            Err(PostError::Permanent { .. }) => "never",
        };
        assert_eq!(is(RobotKind::Dingtalk, r#"{"errcode":0,"errmsg":"ok"}"#), "taken");
        assert_eq!(is(RobotKind::Dingtalk, r#"{"errcode":130101,"errmsg":"send too fast"}"#), "later");
        assert_eq!(is(RobotKind::Dingtalk, r#"{"errcode":310000,"errmsg":"sign not match"}"#), "never");
        assert_eq!(is(RobotKind::Feishu, r#"{"code":0,"msg":"success","data":{}}"#), "taken");
        assert_eq!(is(RobotKind::Feishu, r#"{"StatusCode":0,"StatusMessage":"success"}"#), "taken");
        assert_eq!(is(RobotKind::Feishu, r#"{"code":9499,"msg":"too many request"}"#), "later");
        assert_eq!(is(RobotKind::Feishu, r#"{"code":19021,"msg":"sign match fail"}"#), "never");
        assert_eq!(is(RobotKind::Wecom, r#"{"errcode":0,"errmsg":"ok"}"#), "taken");
        assert_eq!(is(RobotKind::Wecom, r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#), "later");
        assert_eq!(is(RobotKind::Wecom, r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#), "never");
        assert_eq!(is(RobotKind::Wecom, "<html>"), "never");
        let said = judge(RobotKind::Wecom, r#"{"errcode":93000,"errmsg":"key=SECRET"}"#).unwrap_err().to_string();
        assert!(!said.contains("SECRET"), "{said}");
    }
}
