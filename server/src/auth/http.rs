//! Signing in and out, devices, passwords, invitations, first set-up.

use super::command::{self, AuthAccept, AuthCommand};
use super::sessions::{self, Refreshed};
use super::{keys, links, passwords, tokens};
use crate::app::App;
use crate::door::{Actor, Via};
use crate::http::problem::{Problem, ProblemBody};
use crate::http::{Caller, Json, blocking};
use crate::kit::refusal::{Code, Stop};
use crate::kit::text::Locale;
use crate::rooms::Command;
use crate::team;
use crate::team::model::{PersonRow, Workspace};
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};

/// The refresh cookie. Behind https its name makes browsers insist that this very host set it, over https, for all paths.
const COOKIE: &str = "dutyboard_refresh";
const COOKIE_HTTPS: &str = "__Host-dutyboard_refresh";
const DEVICE_NAME_MAX: usize = 80;

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct Login {
    pub login: String,
    pub password: String,
    #[serde(default)]
    pub device_name: Option<String>,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionUser {
    pub id: String,
    pub name: String,
    pub role: crate::door::Role,
    pub team_id: String,
    pub locale: String,
}

/// What a signed-in phone gets. `expires_in` in seconds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Session {
    pub access_token: String,
    pub expires_in: i64,
    pub user: SessionUser,
    pub workspace: Workspace,
    pub device_id: String,
}

fn session(app: &App, conn: &mut crate::db::AnyConnection, person: &PersonRow, device_id: &str) -> Result<Session, Stop> {
    let now = app.door.clock.now_ms();
    Ok(Session {
        access_token: app.tokens.issue(&person.id, &person.workspace_id, device_id, now)?,
        expires_in: tokens::ACCESS_SECONDS,
        user: SessionUser {
            id: person.id.clone(),
            name: person.name.clone(),
            role: person.role()?,
            team_id: person.team_id.clone(),
            locale: person.locale.clone(),
        },
        workspace: team::store::workspace(conn, &person.workspace_id)?,
        device_id: device_id.to_owned(),
    })
}

fn cookie(app: &App, secret: &str, max_age_ms: i64) -> Cookie<'static> {
    let (name, path) = if app.config.is_https() { (COOKIE_HTTPS, "/") } else { (COOKIE, "/api/auth") };
    Cookie::build(name, secret.to_owned())
        .path(path)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.config.is_https())
        .max_age(Duration::milliseconds(max_age_ms))
        .finish()
}

fn reply(app: &App, session: &Session, secret: &str) -> HttpResponse {
    HttpResponse::Ok()
        .cookie(cookie(app, secret, sessions::REFRESH_MS))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(session)
}

fn device_name(request: &HttpRequest, given: Option<&str>) -> String {
    let agent = || request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("?");
    given.unwrap_or_else(agent).chars().filter(|c| !c.is_control()).take(DEVICE_NAME_MAX).collect()
}

/// Opens a session for a person whose identity is settled.
async fn sign_in(app: &web::Data<App>, person: PersonRow, name: String) -> Result<HttpResponse, Problem> {
    let inner = app.clone();
    let (session, secret) = blocking(move || {
        let (door, now) = (inner.door.clone(), inner.door.clock.now_ms());
        door.upkeep(move |conn| {
            let (device_id, secret) = sessions::open(conn, &person.workspace_id, &person.id, &name, now)?;
            tracing::info!(person = person.id, device = device_id, "signed in");
            Ok((session(&inner, conn, &person, &device_id)?, secret))
        })
    })
    .await?;
    Ok(reply(app, &session, &secret))
}

/// Signs in. The refresh token comes as an HttpOnly cookie.
#[utoipa::path(tag = "auth", request_body = Login, responses((status = 200, body = Session),
    (status = 401, body = ProblemBody), (status = 429, body = ProblemBody)))]
#[post("/api/auth/login")]
pub async fn login(app: web::Data<App>, request: HttpRequest, body: Json<Login>) -> Result<HttpResponse, Problem> {
    let account = body.login.trim().to_lowercase();
    if !app.limits.allow(&account, app.client_address(&request)) {
        tracing::warn!("sign-in refused: too many tries");
        return Err(Problem::wait(Code::TooManyAttempts, 30));
    }
    let (inner, password) = (app.clone(), body.password.clone());
    let person = blocking(move || {
        let found = inner.db.read(|conn| {
            let person = team::store::person_by_login(conn, &account)?.filter(|person| person.active);
            let hash = person
                .as_ref()
                .map(|person| sessions::password_hash(conn, &person.workspace_id, &person.id))
                .transpose()?
                .flatten();
            Ok(person.zip(hash))
        })?;
        let matches = passwords::verify(&password, found.as_ref().map(|(_, hash)| hash.as_str()))?;
        let (person, _) = found.unzip();
        if !matches {
            tracing::warn!(person = person.as_ref().map(|person| &person.id), "sign-in failed");
        }
        person.filter(|_| matches).ok_or_else(|| Stop::from(Code::BadCredentials))
    })
    .await?;
    let name = device_name(&request, body.device_name.as_deref());
    sign_in(&app, person, name).await
}

/// Trades the refresh cookie for a new access token and the next cookie.
#[utoipa::path(tag = "auth", responses((status = 200, body = Session), (status = 401, body = ProblemBody)))]
#[post("/api/auth/refresh")]
pub async fn refresh(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let name = if app.config.is_https() { COOKIE_HTTPS } else { COOKIE };
    let secret = request.cookie(name).map(|cookie| cookie.value().to_owned()).ok_or(Stop::from(Code::Unauthorized))?;
    let inner = app.clone();
    let (session, secret) = blocking(move || {
        let now = inner.door.clock.now_ms();
        let refreshed = inner.door.upkeep(move |conn| sessions::refresh(conn, &secret, now))?;
        match refreshed {
            Refreshed::Next(device, next) => inner.db.read(|conn| {
                let person = team::person(conn, &device.workspace_id, &device.person_id)?;
                if !person.active {
                    return Err(Code::SessionRevoked.into());
                }
                Ok((session(&inner, conn, &person, &device.id)?, next))
            }),
            Refreshed::Reused(device) => {
                tracing::warn!(device = device.id, "refresh token reused; device revoked");
                inner.door.access_changed(&device.workspace_id, &device.person_id);
                Err(Code::SessionRevoked.into())
            }
            Refreshed::Unknown => Err(Code::Unauthorized.into()),
        }
    })
    .await?;
    Ok(reply(&app, &session, &secret))
}

/// Signs this device out.
#[utoipa::path(tag = "auth", security(("bearer" = [])), responses((status = 204)))]
#[post("/api/auth/logout")]
pub async fn logout(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    let inner = app.clone();
    tracing::info!(person = caller.claims.user_id, device = caller.claims.device_id, "signed out");
    let device_id = caller.claims.device_id.clone();
    blocking(move || sign_out(&inner, &caller, device_id)).await?;
    Ok(HttpResponse::NoContent().cookie(cookie(&app, "", 0)).finish())
}

fn sign_out(app: &App, caller: &Caller, device_id: String) -> Result<(), Stop> {
    let now = app.door.clock.now_ms();
    app.door.upkeep(move |conn| sessions::revoke(conn, &device_id, now))?;
    app.door.access_changed(&caller.claims.workspace_id, &caller.claims.user_id);
    Ok(())
}

/// A signed-in device. Instants in UTC ms.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Device {
    pub id: String,
    pub name: String,
    pub created_at: i64,
    pub last_seen_at: i64,
    pub current: bool,
}

/// The caller's signed-in devices.
#[utoipa::path(tag = "auth", security(("bearer" = [])), responses((status = 200, body = [Device])))]
#[get("/api/auth/devices")]
pub async fn devices(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    let list = blocking(move || {
        let rows = app.db.read(|conn| sessions::devices(conn, &caller.claims.workspace_id, &caller.claims.user_id))?;
        let wire = |row: sessions::DeviceRow| Device {
            current: row.id == caller.claims.device_id,
            id: row.id,
            name: row.name,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
        };
        Ok(rows.into_iter().map(wire).collect::<Vec<_>>())
    })
    .await?;
    Ok(HttpResponse::Ok().json(list))
}

/// Signs one of the caller's devices out.
#[utoipa::path(tag = "auth", params(("id" = String, Path)), security(("bearer" = [])), responses((status = 204), (status = 404, body = ProblemBody)))]
#[delete("/api/auth/devices/{id}")]
pub async fn revoke_device(app: web::Data<App>, caller: Caller, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let id = path.into_inner();
    blocking(move || {
        let own = app.db.read(|conn| sessions::devices(conn, &caller.claims.workspace_id, &caller.claims.user_id))?;
        if !own.iter().any(|device| device.id == id) {
            return Err(Code::NotFound.into());
        }
        tracing::info!(person = caller.claims.user_id, device = id, "device signed out");
        sign_out(&app, &caller, id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct PasswordChange {
    pub current: String,
    pub password: String,
}

/// Changes the password and signs the other devices out.
#[utoipa::path(tag = "auth", request_body = PasswordChange, security(("bearer" = [])), responses((status = 204),
    (status = 401, body = ProblemBody), (status = 422, body = ProblemBody), (status = 429, body = ProblemBody)))]
#[post("/api/auth/password")]
pub async fn change_password(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
    body: Json<PasswordChange>,
) -> Result<HttpResponse, Problem> {
    if !app.limits.allow(&caller.claims.user_id, app.client_address(&request)) {
        return Err(Problem::wait(Code::TooManyAttempts, 30));
    }
    blocking(move || {
        let claims = caller.claims.clone();
        let (person, stored) = app.db.read(|conn| {
            let person = team::person(conn, &claims.workspace_id, &claims.user_id)?;
            Ok((person, sessions::password_hash(conn, &claims.workspace_id, &claims.user_id)?))
        })?;
        if !passwords::verify(&body.current, stored.as_deref())? {
            tracing::warn!(person = claims.user_id, "password change failed");
            return Err(Code::BadCredentials.into());
        }
        passwords::check_strength(&body.password, &person.login)?;
        let hash = passwords::hash(&body.password)?;
        let now = app.door.clock.now_ms();
        app.door.upkeep(move |conn| {
            sessions::set_password(conn, &claims.workspace_id, &claims.user_id, &hash)?;
            sessions::revoke_others(conn, &claims.workspace_id, &claims.user_id, &claims.device_id, now)
        })?;
        app.door.access_changed(&caller.claims.workspace_id, &caller.claims.user_id);
        tracing::info!(
            person = caller.claims.user_id,
            device = caller.claims.device_id,
            "password changed, other devices signed out"
        );
        Ok(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct InvitationToken {
    pub token: String,
}

/// Whom an invitation greets.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Invitation {
    pub name: String,
    pub login: String,
    pub workspace: String,
}

/// Looks at an invitation without using it up.
#[utoipa::path(tag = "auth", request_body = InvitationToken, responses((status = 200, body = Invitation), (status = 410, body = ProblemBody)))]
#[post("/api/auth/invitation/check")]
pub async fn check_invitation(app: web::Data<App>, body: Json<InvitationToken>) -> Result<HttpResponse, Problem> {
    let found = blocking(move || {
        app.db.read(|conn| {
            let person = command::invited(conn, &body.token, app.door.clock.now_ms())?;
            let workspace = team::store::workspace(conn, &person.workspace_id)?.name;
            Ok(Invitation { name: person.name, login: person.login, workspace })
        })
    })
    .await?;
    Ok(HttpResponse::Ok().json(found))
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct AcceptInvitation {
    pub token: String,
    pub password: String,
}

/// Sets the first password and signs in.
#[utoipa::path(tag = "auth", request_body = AcceptInvitation, responses((status = 200, body = Session),
    (status = 410, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/api/auth/invitation/accept")]
pub async fn accept_invitation(
    app: web::Data<App>,
    request: HttpRequest,
    body: Json<AcceptInvitation>,
) -> Result<HttpResponse, Problem> {
    let name = device_name(&request, None);
    let inner = app.clone();
    let person = blocking(move || {
        let now = inner.door.clock.now_ms();
        let person = inner.db.read(|conn| command::invited(conn, &body.token, now))?;
        passwords::check_strength(&body.password, &person.login)?;
        let accept = AuthAccept {
            person_id: person.id.clone(),
            link_hash: keys::fingerprint(&body.token),
            password_hash: passwords::hash(&body.password)?,
        };
        let system = Actor::system(&person.workspace_id, Via::Job);
        inner.door.execute(&system, Command::Auth(AuthCommand::AuthAccept(accept)), None)?;
        Ok(person)
    })
    .await?;
    sign_in(&app, person, name).await
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct Setup {
    pub token: String,
    pub workspace: String,
    pub name: String,
    pub login: String,
    pub password: String,
    #[serde(default)]
    pub email: Option<String>,
    pub locale: Locale,
    #[serde(default)]
    pub zone: Option<String>,
}

/// Makes a workspace and its owner from the one-time link that the server printed, and signs in.
#[utoipa::path(tag = "auth", request_body = Setup, responses((status = 200, body = Session),
    (status = 409, body = ProblemBody), (status = 410, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[post("/api/auth/setup")]
pub async fn setup(app: web::Data<App>, request: HttpRequest, body: Json<Setup>) -> Result<HttpResponse, Problem> {
    let name = device_name(&request, None);
    let inner = app.clone();
    let person = blocking(move || {
        let now = inner.door.clock.now_ms();
        let hash = keys::fingerprint(&body.token);
        inner.db.read(|conn| links::look(conn, links::Purpose::Setup, &hash, now))?;
        let founding = crate::app::founding::Founding {
            workspace: body.workspace.clone(),
            zone: body.zone.clone().unwrap_or_else(|| "Asia/Shanghai".into()),
            locale: body.locale,
            owner: body.name.clone(),
            login: body.login.clone(),
            password: body.password.clone(),
            email: body.email.clone(),
        };
        founding.found(&inner.db, &inner.door, Some(hash))
    })
    .await?;
    sign_in(&app, person, name).await
}

/// Everything of the auth room under one roof.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config
        .service(login)
        .service(refresh)
        .service(logout)
        .service(devices)
        .service(revoke_device)
        .service(change_password)
        .service(check_invitation)
        .service(accept_invitation)
        .service(setup);
}
