//! Web Push: the server's key (VAPID, RFC 8292) and a message that only one browser can read (RFC 8291).

use super::model::SubscriptionRow;
use super::rules;
use crate::kit::refusal::Stop;
use crate::post::Headers;
use actix_web::http::Uri;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use serde::Serialize;
use web_push_native::Auth;

/// Push services take signatures for at most a day (s).
const SIGNED_FOR: i64 = 12 * 3_600;
/// A phone that was off for longer is not woken by it any more (s).
const KEPT_FOR: i64 = 4 * 3_600;

/// Who this server is to push services. Browsers bind their subscriptions to it, so it lives as long as the server's key.
pub struct Vapid {
    key: EncodingKey,
    public: String,
}

impl Vapid {
    /// The key pair that belongs to 32 secret bytes. `next` gives others for the one case in four billion where they are no key.
    ///
    /// # Errors
    /// `Fault` when no key can be made.
    pub fn derive(next: impl Fn(u8) -> Vec<u8>) -> Result<Self, Stop> {
        let secret =
            (0..=u8::MAX).find_map(|turn| SecretKey::from_slice(&next(turn)).ok()).ok_or_else(|| Stop::fault("no key"))?;
        let point = secret.public_key().to_encoded_point(false);
        let der = secret.to_pkcs8_der().map_err(Stop::fault)?;
        Ok(Vapid { key: EncodingKey::from_ec_der(der.as_bytes()), public: URL_SAFE_NO_PAD.encode(point.as_bytes()) })
    }

    /// What browsers need to subscribe: an uncompressed point of P-256, base64url.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The `Authorization` for a push service. `contact`: an address under which its operator reaches ours.
    fn authorization(&self, endpoint: &str, contact: &str, now_ms: i64) -> Result<String, Stop> {
        #[derive(Serialize)]
        struct Claims<'a> {
            aud: String,
            exp: i64,
            sub: &'a str,
        }
        let uri: Uri = endpoint.parse().map_err(|_| Stop::fault("endpoint"))?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or_else(|| Stop::fault("endpoint"))?;
        let claims = Claims { aud: format!("{scheme}://{authority}"), exp: now_ms.div_euclid(1000) + SIGNED_FOR, sub: contact };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &self.key).map_err(Stop::fault)?;
        Ok(format!("vapid t={token}, k={}", self.public))
    }

    /// Headers and encrypted body for one browser. `topic`: the notice, so that a repetition replaces it (RFC 8030, 5.4).
    ///
    /// # Errors
    /// `Fault` when the stored keys are none (never by our own writes).
    pub fn seal(&self, to: &SubscriptionRow, message: &serde_json::Value, mark: &Mark<'_>) -> Result<(Headers, Vec<u8>), Stop> {
        let (key, auth) = rules::push_keys(&to.p256dh, &to.auth).map_err(Stop::fault)?;
        let key = p256::PublicKey::from_sec1_bytes(&key).map_err(Stop::fault)?;
        let body = message.to_string().into_bytes();
        let body = web_push_native::encrypt(body, &key, &Auth::from(auth)).map_err(Stop::fault)?;
        let headers = vec![
            ("Authorization", self.authorization(&to.endpoint, mark.contact, mark.now_ms)?),
            ("Content-Type", "application/octet-stream".into()),
            ("Content-Encoding", "aes128gcm".into()),
            ("TTL", KEPT_FOR.to_string()),
            ("Urgency", if mark.urgent { "high" } else { "normal" }.into()),
            ("Topic", mark.id.replace('-', "")),
        ];
        Ok((headers, body))
    }
}

/// What a push service is told about a message. `id`: a UUID, so that a repetition replaces the message (RFC 8030, 5.4).
pub struct Mark<'a> {
    pub id: &'a str,
    pub urgent: bool,
    pub contact: &'a str,
    pub now_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn vapid() -> Vapid {
        Vapid::derive(|turn| vec![turn + 7; 32]).expect("a key")
    }

    fn browser() -> (SecretKey, SubscriptionRow) {
        let secret = SecretKey::from_slice(&[9; 32]).expect("a key");
        let point = secret.public_key().to_encoded_point(false);
        let row = SubscriptionRow {
            workspace_id: "w".into(),
            id: "s".into(),
            person_id: "p".into(),
            endpoint: "https://push.test:8443/send/abc?x=1".into(),
            p256dh: URL_SAFE_NO_PAD.encode(point.as_bytes()),
            auth: URL_SAFE_NO_PAD.encode([3; 16]),
            created_at: 0,
            failed_at: None,
        };
        (secret, row)
    }

    #[test]
    fn only_the_browser_reads_it() {
        let (secret, row) = browser();
        let message = json!({ "title": "回访超时：小鹿", "body": "", "link": "#/callbacks" });
        let mark = Mark { id: "01890000-0000-7000-8000-000000000001", urgent: true, contact: "https://desk.test", now_ms: 1_000 };
        let (headers, body) = vapid().seal(&row, &message, &mark).expect("sealed");
        assert!(!body.windows(6).any(|window| window == "小鹿".as_bytes()));
        let read = web_push_native::decrypt(body.clone(), &secret, &Auth::from([3; 16])).expect("the key fits");
        assert_eq!(serde_json::from_slice::<Value>(&read).expect("JSON"), message);
        let other = SecretKey::from_slice(&[8; 32]).expect("a key");
        assert!(web_push_native::decrypt(body, &other, &Auth::from([3; 16])).is_err());
        let header = |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        assert_eq!((header("Topic"), header("Urgency")), (Some("01890000000070008000000000000001"), Some("high")));
    }

    /// RFC 8291, appendix A: somebody else's message, read with our reading of the keys.
    #[test]
    fn the_standards_own_message_is_read() {
        let text = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
        let secret = SecretKey::from_slice(&text("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")).expect("a key");
        let key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let (point, auth) = rules::push_keys(key, "BTBZMqHH6r4Tts7J_aSIgg").expect("keys");
        assert_eq!(secret.public_key().to_encoded_point(false).as_bytes(), point);
        let sealed = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        let read = web_push_native::decrypt(text(sealed), &secret, &Auth::from(auth)).expect("the key fits");
        assert_eq!(read, b"When I grow up, I want to be a watermelon");
    }

    #[test]
    fn the_push_service_knows_us() {
        let vapid = vapid();
        let said =
            vapid.authorization("https://push.test:8443/send/abc?x=1", "https://desk.test", 1_772_409_600_123).expect("signed");
        let token = said.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect("both parts");
        assert_eq!(token.1, vapid.public());
        let point = URL_SAFE_NO_PAD.decode(vapid.public()).expect("base64url");
        assert_eq!((point.len(), point[0]), (65, 4), "an uncompressed point");
        let key = jsonwebtoken::DecodingKey::from_ec_der(&point);
        let mut rules = jsonwebtoken::Validation::new(Algorithm::ES256);
        rules.set_audience(&["https://push.test:8443"]);
        rules.validate_exp = false;
        let claims: Value = jsonwebtoken::decode(token.0, &key, &rules).expect("our signature").claims;
        assert_eq!(claims["exp"], 1_772_409_600 + SIGNED_FOR);
        assert_eq!(claims["sub"], "https://desk.test");
    }

    #[test]
    fn the_same_secret_is_the_same_server() {
        assert_eq!(vapid().public(), vapid().public());
        let other = Vapid::derive(|turn| if turn == 0 { vec![0; 32] } else { vec![5; 32] }).expect("the next one");
        assert_ne!(other.public(), vapid().public());
    }
}
