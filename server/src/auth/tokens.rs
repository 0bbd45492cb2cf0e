//! Access tokens: short-lived JWTs (HS256) that name a person and a device; what they may do is read from the database.

use crate::kit::refusal::{Code, Refusal, Stop};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

/// Life of an access token (s).
pub const ACCESS_SECONDS: i64 = 15 * 60;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    #[serde(rename = "sub")]
    pub user_id: String,
    #[serde(rename = "ws")]
    pub workspace_id: String,
    #[serde(rename = "dev")]
    pub device_id: String,
    /// Seconds since 1970.
    pub exp: i64,
}

impl Claims {
    pub fn is_expired(&self, now_ms: i64) -> bool {
        self.exp.saturating_mul(1000) <= now_ms
    }
}

#[derive(Clone)]
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Tokens {
    pub fn new(key: &[u8]) -> Self {
        Tokens { encoding: EncodingKey::from_secret(key), decoding: DecodingKey::from_secret(key) }
    }

    /// # Errors
    /// `Fault` when signing fails.
    pub fn issue(&self, user_id: &str, workspace_id: &str, device_id: &str, now_ms: i64) -> Result<String, Stop> {
        let claims = Claims {
            user_id: user_id.to_owned(),
            workspace_id: workspace_id.to_owned(),
            device_id: device_id.to_owned(),
            exp: now_ms / 1000 + ACCESS_SECONDS,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding).map_err(Stop::fault)
    }

    /// # Errors
    /// `token_expired`, or `unauthorized` for anything we did not sign.
    pub fn read(&self, token: &str, now_ms: i64) -> Result<Claims, Refusal> {
        let mut validation = Validation::new(Algorithm::HS256);
        // The expiry is compared with our own clock, not with the library's.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation)
            .map_err(|_| Refusal::from(Code::Unauthorized))?
            .claims;
        if claims.is_expired(now_ms) { Err(Code::TokenExpired.into()) } else { Ok(claims) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_ours_whole_and_short_lived() {
        let tokens = Tokens::new(b"key");
        let token = tokens.issue("u", "w", "d", 1_000_000).unwrap();
        assert_eq!(tokens.read(&token, 1_000_000).unwrap().user_id, "u");
        let code = |result: Result<Claims, Refusal>| result.unwrap_err().code;
        assert_eq!(code(tokens.read(&token, 1_000_000 + ACCESS_SECONDS * 1000)), Code::TokenExpired);
        assert_eq!(code(Tokens::new(b"other").read(&token, 1_000_000)), Code::Unauthorized);
        assert_eq!(code(tokens.read(&token[..token.len() - 2], 1_000_000)), Code::Unauthorized);
        // {"alg":"none"} with the same claims.
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
        assert_eq!(code(tokens.read(&unsigned, 1_000_000)), Code::Unauthorized);
        assert_eq!(code(tokens.read("", 0)), Code::Unauthorized);
    }
}
