//! Everything the product says "no" with. The code is the client's translation key; a test fails on one without a translation.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! codes {
    // `tt` and not `literal`: utoipa reads the text only from a bare token.
    ($($(#[$doc:meta])* $name:ident $text:tt $status:literal,)*) => {
        /// Closed list of refusal codes, with the HTTP status each one travels under.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts", rename = "RefusalCode"))]
        pub enum Code { $($(#[$doc])* #[serde(rename = $text)] $name,)* }

        impl Code {
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];
            pub fn as_str(self) -> &'static str { match self { $(Code::$name => $text,)* } }
            pub fn status(self) -> u16 { match self { $(Code::$name => $status,)* } }
        }
    };
}

codes! {
    BadRequest "bad_request" 400,
    UnknownCommand "unknown_command" 400,
    BadTime "bad_time" 422,
    BadValue "bad_value" 422,
    TooLong "too_long" 422,
    TooMany "too_many" 422,
    ReasonRequired "reason_required" 422,
    WeakPassword "weak_password" 422,
    /// A chain with faults: a preview names them.
    ChainBroken "chain_broken" 422,
    /// An unknown variable, or a mistake in the braces.
    BadTemplate "bad_template" 422,
    HashMismatch "hash_mismatch" 422,
    IdempotencyMismatch "idempotency_mismatch" 422,
    Unauthorized "unauthorized" 401,
    TokenExpired "token_expired" 401,
    BadCredentials "bad_credentials" 401,
    SessionRevoked "session_revoked" 401,
    Forbidden "forbidden" 403,
    NotInTeam "not_in_team" 403,
    NotFound "not_found" 404,
    MethodNotAllowed "method_not_allowed" 405,
    Gone "gone" 410,
    LinkExpired "link_expired" 410,
    WrongState "wrong_state" 409,
    TakenOver "taken_over" 409,
    ShiftOverlap "shift_overlap" 409,
    DuplicateLogin "duplicate_login" 409,
    LastOwner "last_owner" 409,
    Conflict "conflict" 409,
    /// The buyer does not want to be contacted this way.
    Blocked "blocked" 409,
    /// This buyer is already being reached for this reason.
    AlreadyOpen "already_open" 409,
    UnknownClient "unknown_client" 409,
    Gap "gap" 409,
    TooLarge "too_large" 413,
    UnsupportedMedia "unsupported_media" 415,
    TooManyAttempts "too_many_attempts" 429,
    Internal "internal" 500,
    Unavailable "unavailable" 503,
    /// The server's disk is full: nothing can be written until somebody makes room.
    StorageFull "storage_full" 507,
}

impl std::str::FromStr for Code {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Code::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(())
    }
}

/// A clear "no": what was wrong, in the closed list, and for developers a sentence in `detail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    pub detail: Option<String>,
}

impl Refusal {
    pub fn because(code: Code, detail: impl Into<String>) -> Self {
        Refusal { code, detail: Some(detail.into()) }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Refusal { code, detail: None }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code.as_str())?;
        self.detail.as_ref().map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}

/// What stops a piece of work: a refusal (the caller's business), a busy database (try again), a full disk (try again when
/// somebody has made room), or a fault (ours).
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    #[error("refused: {0}")]
    Refused(Refusal),
    #[error("busy: {0}")]
    Busy(String),
    #[error("full: {0}")]
    Full(String),
    #[error("fault: {0}")]
    Fault(String),
}

impl Stop {
    pub fn fault(what: impl fmt::Display) -> Self {
        Stop::Fault(what.to_string())
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Stop::Refused(refusal)
    }
}

impl From<Code> for Stop {
    fn from(code: Code) -> Self {
        Stop::Refused(code.into())
    }
}

impl From<diesel::result::Error> for Stop {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error};
        match &error {
            Error::DatabaseError(Kind::SerializationFailure | Kind::ClosedConnection, _) => Stop::Busy(error.to_string()),
            // SQLite reports lock time-outs, Postgres dead-locks, only by their text. SQLite without savepoints has ended the
            // transaction by itself, for a reason that was somebody else's.
            Error::DatabaseError(_, info)
                if ["locked", "deadlock", "lock timeout", "no such savepoint"]
                    .iter()
                    .any(|word| info.message().contains(word)) =>
            {
                Stop::Busy(error.to_string())
            }
            Error::DatabaseError(_, info)
                if ["disk is full", "No space left"].iter().any(|words| info.message().contains(words)) =>
            {
                Stop::Full(error.to_string())
            }
            // Postgres has no text with a NUL in it, so nothing there can be called so.
            Error::DatabaseError(_, info) if info.message().contains("invalid byte sequence") => Code::BadValue.into(),
            _ => Stop::Fault(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Stop::fault(error)
    }
}
