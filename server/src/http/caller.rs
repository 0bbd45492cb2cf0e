//! Who asks: the person behind an access token, as of this request.
//!
//! The answer is remembered until roles, teams or devices of the workspace change (the feed's generation says so), so that
//! most requests need neither a database nor a blocking thread for it.

use super::blocking;
use super::problem::Problem;
use crate::app::App;
use crate::auth::{sessions, tokens::Claims};
use crate::door::feed::Feed;
use crate::door::{Access, Actor, Role, Via, access};
use crate::kit::refusal::{Code, Stop};
use crate::sync::pull::Reader;
use crate::sync::scope::{self, Scope};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::{Either, LocalBoxFuture, Ready, ready};
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, PoisonError, RwLock};

/// Tokens remembered; a token lives a quarter of an hour.
const REMEMBERED: usize = 10_000;

/// A signed-in, active person on a device that was not revoked.
pub struct Known {
    pub claims: Claims,
    pub role: Role,
    pub team_id: String,
    pub scope: Scope,
    /// State of roles, teams and devices that this was read from, or an older one.
    generation: u64,
}

#[derive(Clone)]
pub struct Caller(Arc<Known>);

impl Deref for Caller {
    type Target = Known;
    fn deref(&self) -> &Known {
        &self.0
    }
}

impl Caller {
    pub fn actor(&self, via: Via) -> Actor {
        actor(&self.claims, self.role, &self.team_id, via)
    }

    pub fn reader<'a>(&'a self, actor: &'a Actor) -> Reader<'a> {
        Reader { actor, scope: &self.scope, generation: self.generation }
    }

    /// Whether nothing has changed since about roles, teams and devices.
    pub fn is_current(&self, feed: &Feed) -> bool {
        feed.generation(&self.claims.workspace_id) == self.generation
    }

    /// # Errors
    /// `forbidden` below the needed role.
    pub fn must(&self, needed: Access) -> Result<(), Problem> {
        if access::allows(&self.actor(Via::Rest), needed) { Ok(()) } else { Err(Stop::from(Code::Forbidden).into()) }
    }
}

fn actor(claims: &Claims, role: Role, team_id: &str, via: Via) -> Actor {
    Actor {
        workspace_id: claims.workspace_id.clone(),
        user_id: claims.user_id.clone(),
        role,
        team_id: team_id.to_owned(),
        device_id: Some(claims.device_id.clone()),
        via,
    }
}

/// Callers by their access tokens.
#[derive(Default)]
pub struct Callers(RwLock<HashMap<String, Caller>>);

impl Callers {
    fn get(&self, token: &str, feed: &Feed, now: i64) -> Option<Caller> {
        let caller = self.0.read().unwrap_or_else(PoisonError::into_inner).get(token).cloned()?;
        let same = feed.hears() && caller.is_current(feed);
        (same && !caller.claims.is_expired(now)).then_some(caller)
    }

    fn put(&self, token: String, caller: Caller, now: i64) {
        let mut callers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= REMEMBERED {
            callers.retain(|_, caller| !caller.claims.is_expired(now));
        }
        if callers.len() >= REMEMBERED {
            callers.clear();
        }
        callers.insert(token, caller);
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Either<Ready<Result<Self, Problem>>, LocalBoxFuture<'static, Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        // Outside Replicache clients send the bare token.
        let token = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .map(|value| value.strip_prefix("Bearer ").unwrap_or(value));
        let Some(app) = request.app_data::<web::Data<App>>() else {
            return Either::Left(ready(Err(Stop::fault("no app").into())));
        };
        let Some(token) = token else { return Either::Left(ready(Err(Stop::from(Code::Unauthorized).into()))) };
        match app.callers.get(token, &app.door.feed, app.door.clock.now_ms()) {
            Some(caller) => Either::Left(ready(Ok(caller))),
            None => Either::Right(Box::pin(look_up(app.clone(), token.to_owned()))),
        }
    }
}

async fn look_up(app: web::Data<App>, token: String) -> Result<Caller, Problem> {
    let now = app.door.clock.now_ms();
    let claims = app.tokens.read(&token, now).map_err(Stop::from)?;
    let inner = app.clone();
    let caller = blocking(move || {
        // Before anything is read: what changes meanwhile makes it outdated.
        let generation = inner.door.feed.generation(&claims.workspace_id);
        inner.db.read(|conn| {
            let (role, team_id) = sessions::standing(conn, &claims)?;
            let scope = scope::of(conn, &actor(&claims, role, &team_id, Via::Rest))?;
            Ok(Caller(Arc::new(Known { claims, role, team_id, scope, generation })))
        })
    })
    .await?;
    app.callers.put(token, caller.clone(), now);
    Ok(caller)
}
