//! Signing in and staying in: what a lost reply may cost (nothing), what a copied token costs (the device), and what ends a
//! session at once.

use crate::harness::{Client, HOUR, PASSWORD, Running, World, both_engines};
use dutyboard::auth::tokens::{ACCESS_SECONDS, Tokens};
use dutyboard::auth::{links, sessions};
use serde_json::{Value, json};

fn refresh(client: &mut Client) -> crate::harness::Answer {
    let token = client.token.take();
    let answer = client.enter("/api/auth/refresh", &json!({}));
    client.token = client.token.take().or(token);
    answer
}

/// Is this client let in?
fn code(client: &Client) -> String {
    let answer = client.get("/api/auth/devices");
    if answer.status == 200 { "in".into() } else { answer.code() }
}

both_engines! {
    fn signing_in(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let mut ann = server.client();
        let answer = ann.login(" ANN ", PASSWORD);
        assert_eq!(answer.status, 200, "logins are compared without case: {}", answer.text());
        let body = answer.json();
        assert_eq!(body["user"], json!({ "id": world.cast.ann, "name": "ann", "role": "agent", "team_id": world.cast.team_1, "locale": "zh-CN" }));
        assert_eq!((&body["workspace"]["zone"], &body["expires_in"]), (&json!("Asia/Shanghai"), &json!(ACCESS_SECONDS)));
        let cookie = answer.header("set-cookie").expect("a refresh cookie");
        for word in ["HttpOnly", "SameSite=Strict", "Path=/api/auth", "Max-Age="] {
            assert!(cookie.contains(word), "{cookie}");
        }
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(!answer.text().contains(ann.refresh.as_ref().expect("a secret")), "the secret is in the cookie only");

        for (login, password) in [("ann", "wrong-horse-battery"), ("nobody", PASSWORD), ("ann", ""), ("", ""), ("ann", &"x".repeat(5_000))] {
            assert_eq!(server.client().login(login, password).code(), "bad_credentials", "{login}");
        }
        let devices = ann.get("/api/auth/devices").json();
        assert_eq!((devices[0]["name"].as_str(), devices[0]["current"].as_bool()), (Some("test phone"), Some(true)));
    }

    fn an_access_token_lives_a_quarter_of_an_hour(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let mut ann = server.sign_in("ann");
        world.clock.advance(ACCESS_SECONDS * 1000);
        assert_eq!(code(&ann), "token_expired");
        assert_eq!(refresh(&mut ann).status, 200);
        assert_eq!(code(&ann), "in");
    }

    /// The reply that carried the next token was lost: the old one is good until the next one has been used.
    fn a_lost_reply_signs_nobody_out(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let mut ann = server.sign_in("ann");
        for _ in 0..3 {
            let mut lost = ann.clone();
            assert_eq!(refresh(&mut lost).status, 200);
        }
        assert_eq!(refresh(&mut ann).status, 200);
        assert_eq!(refresh(&mut ann).status, 200);
        assert_eq!(code(&ann), "in");
    }

    /// Somebody copied a token: once its successor was used, showing it again ends the device for both.
    fn a_reused_token_ends_the_device(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let mut ann = server.sign_in("ann");
        let other = server.sign_in("ann");
        let mut thief = ann.clone();
        assert_eq!(refresh(&mut ann).status, 200);
        assert_eq!(refresh(&mut ann).status, 200);
        assert_eq!(refresh(&mut thief).code(), "session_revoked");
        assert_eq!(code(&ann), "session_revoked", "the next request, not the next refresh");
        assert_eq!(refresh(&mut ann).status, 401);
        assert_eq!(code(&other), "in", "her other device stays");
    }

    fn a_refresh_token_ends_after_sixty_days(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let mut ann = server.sign_in("ann");
        world.clock.advance(sessions::REFRESH_MS - HOUR);
        assert_eq!(refresh(&mut ann).status, 200, "using it begins the sixty days anew");
        world.clock.advance(sessions::REFRESH_MS);
        assert_eq!(refresh(&mut ann).code(), "unauthorized");
    }

    fn a_session_ends_after_half_a_year(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let mut ann = server.sign_in("ann");
        for _ in 0..5 {
            world.clock.advance(sessions::SESSION_MS / 6);
            assert_eq!(refresh(&mut ann).status, 200, "used every month");
        }
        world.clock.advance(sessions::SESSION_MS / 6);
        assert_eq!(refresh(&mut ann).code(), "unauthorized", "however often it was used");
        assert_eq!(server.client().login("ann", PASSWORD).status, 200);
    }

    fn devices_can_be_signed_out(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let (ann, mut lost_phone, bea) = (server.sign_in("ann"), server.sign_in("ann"), server.sign_in("bea"));
        let path = format!("/api/auth/devices/{}", lost_phone.device);
        assert_eq!(bea.delete(&path).code(), "not_found", "nobody else's");
        assert_eq!(code(&lost_phone), "in");
        assert_eq!(ann.delete(&path).status, 204);
        assert_eq!(code(&lost_phone), "session_revoked");
        assert_eq!(refresh(&mut lost_phone).code(), "unauthorized");
        let push = lost_phone.post("/api/sync/push", &json!({ "pushVersion": 1, "clientGroupID": "g", "schemaVersion": "1", "mutations": [] }));
        assert_eq!(push.code(), "session_revoked");
        assert_eq!(ann.delete(&path).code(), "not_found");

        assert_eq!(ann.send("POST", "/api/auth/logout", &[], b"").status, 204);
        assert_eq!(code(&ann), "session_revoked");
    }

    fn a_deactivated_person_is_out_with_the_next_request(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let mut ann = server.sign_in("ann");
        world.run(&world.cast.owner, "person.update", json!({ "id": world.cast.ann, "active": false })).expect("a change");
        assert_eq!(code(&ann), "session_revoked");
        assert_eq!(refresh(&mut ann).code(), "session_revoked");
        assert_eq!(server.client().login("ann", PASSWORD).code(), "bad_credentials");
    }

    fn a_new_password_signs_the_others_out(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let (ann, other, bea) = (server.sign_in("ann"), server.sign_in("ann"), server.sign_in("bea"));
        let change = |current: &str, password: &str| ann.post("/api/auth/password", &json!({ "current": current, "password": password }));
        assert_eq!(change("wrong", "another-good-one").code(), "bad_credentials");
        assert_eq!(change(PASSWORD, "short").code(), "weak_password");
        assert_eq!(change(PASSWORD, "password1234").code(), "weak_password", "everybody's favourite");
        assert_eq!(code(&other), "in");
        assert_eq!(change(PASSWORD, "another-good-one").status, 204);
        assert_eq!((code(&ann), code(&other), code(&bea)), ("in".into(), "session_revoked".into(), "in".into()));
        assert_eq!(server.client().login("ann", PASSWORD).code(), "bad_credentials");
        assert_eq!(server.client().login("ann", "another-good-one").status, 200);
    }

    fn a_setup_link_makes_one_workspace(engine) {
        let world = World::bare(engine);
        let server = Running::start(&world);
        assert_eq!(server.client().get("/api/v1/info").json()["setup"], true);
        let now = world.now();
        let token = world.app.door.upkeep(move |conn| links::make(conn, links::Purpose::Setup, None, now)).expect("a link");
        let body = |token: &str, login: &str| json!({ "token": token, "workspace": "店", "name": "老板", "login": login, "password": PASSWORD, "locale": "zh-CN" });
        assert_eq!(server.client().enter("/api/auth/setup", &body("guess", "boss")).code(), "link_expired");
        for (name, value, refusal) in [("zone", json!("Mars/Base"), "bad_value"), ("password", json!("short"), "weak_password"), ("locale", json!("xx"), "bad_request"), ("email", json!("no address"), "bad_value")] {
            let mut wrong = body(&token, "boss");
            wrong[name] = value;
            assert_eq!(server.client().enter("/api/auth/setup", &wrong).code(), refusal, "{name}");
        }
        assert_eq!(server.client().get("/api/v1/info").json()["setup"], true, "a refusal makes nothing and uses nothing up");
        let mut owner = server.client();
        let session = owner.enter("/api/auth/setup", &body(&token, "boss"));
        assert_eq!((session.status, &session.json()["user"]["role"]), (200, &json!("owner")), "{}", session.text());
        assert_eq!(server.client().enter("/api/auth/setup", &body(&token, "boss2")).code(), "link_expired", "once");
        assert_eq!(server.client().get("/api/v1/info").json()["setup"], false);
        assert_eq!(server.client().login("boss", PASSWORD).status, 200);
        let pull = owner.post("/api/sync/pull", &json!({ "pullVersion": 1, "clientGroupID": "g", "cookie": null, "schemaVersion": "1" })).json();
        let packs = pull["patch"].as_array().expect("a patch").iter().filter(|op| op["value"]["enabled"] == true).count();
        assert!(packs >= 3, "the packs of a start are switched on: {packs}");
    }

    fn setup_and_invitation_race_to_one_winner(engine) {
        let world = World::bare(engine);
        let server = Running::start(&world);
        let now = world.now();
        let token = world.app.door.upkeep(move |conn| links::make(conn, links::Purpose::Setup, None, now)).expect("a link");
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let one = |n: usize| {
                let (server, token) = (&server, &token);
                scope.spawn(move || {
                    let body = json!({ "token": token, "workspace": "w", "name": "n", "login": format!("boss{n}"), "password": PASSWORD, "locale": "en" });
                    server.client().enter("/api/auth/setup", &body).status
                })
            };
            (0..4).map(one).collect::<Vec<_>>().into_iter().map(|thread| thread.join().expect("an answer")).collect()
        });
        let mut sorted = statuses.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [200, 410, 410, 410], "{statuses:?}");
        assert_eq!(world.read(dutyboard::team::store::workspace_ids).len(), 1);
    }

    fn guessing_is_slowed_down(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let answers: Vec<_> = (0..14).map(|_| server.client().login("ann", "wrong-horse-battery")).collect();
        let limited = answers.iter().find(|answer| answer.status == 429).expect("a limit");
        assert_eq!(limited.code(), "too_many_attempts");
        assert!(limited.header("retry-after").is_some());
        assert!(answers.iter().take(10).all(|answer| answer.code() == "bad_credentials"));
        assert_eq!(server.client().login("ann", PASSWORD).status, 429, "also for the right password");
        assert_eq!(server.client().login("bea", PASSWORD).status, 200, "other accounts go on");
    }

    fn forged_tokens_are_worth_nothing(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        let ann = server.sign_in("ann");
        let token = ann.token.clone().expect("a token");
        let claims = token.split('.').nth(1).expect("claims");
        let issue = |tokens: &Tokens, user: &str, workspace: &str, device: &str| tokens.issue(user, workspace, device, world.now()).expect("a token");
        let (ours, theirs) = (&world.app.tokens, Tokens::new(b"another key of the right length.."));
        let cast = &world.cast;
        let forged = [
            ("unauthorized", issue(&theirs, &cast.ann, &cast.workspace, &ann.device)),
            // {"alg":"none"} with her own claims.
            ("unauthorized", format!("eyJhbGciOiJub25lIn0.{claims}.")),
            ("unauthorized", format!("eyJhbGciOiJub25lIn0.{claims}.{}", token.split('.').nth(2).expect("a signature"))),
            ("unauthorized", token[..token.len() - 2].to_owned()),
            ("unauthorized", "x".repeat(10_000)),
            ("unauthorized", String::new()),
            // Ours, but naming what does not belong together.
            ("session_revoked", issue(ours, &cast.owner, &cast.workspace, &ann.device)),
            ("session_revoked", issue(ours, &cast.ann, "elsewhere", &ann.device)),
            ("session_revoked", issue(ours, &cast.ann, &cast.workspace, "no device")),
        ];
        for (refusal, token) in forged {
            let mut client = server.client();
            client.token = Some(token.clone());
            assert_eq!(code(&client), refusal, "{token}");
        }
        let basic = server.client().send("GET", "/api/auth/devices", &[("Authorization", "Basic YTpi")], b"");
        assert_eq!(basic.code(), "unauthorized");
        let bare = server.client().send("GET", "/api/auth/devices", &[("Authorization", token.as_str())], b"");
        assert_eq!(bare.status, 200, "clients of the outside send the bare token");
        for cookie in ["dutyboard_refresh=guess", "dutyboard_refresh=", "other=1"] {
            let answer = server.client().send("POST", "/api/auth/refresh", &[("Cookie", cookie)], b"");
            assert_eq!(answer.code(), "unauthorized", "{cookie}");
        }
    }

    fn keys_are_the_owners_alone(engine) {
        use std::os::unix::fs::PermissionsExt;
        let scratch = engine.empty();
        let open = || {
            let mut config = crate::harness::Engine::config(&scratch);
            config.jwt_key = None;
            dutyboard::app::App::open(config, dutyboard::kit::clock::Clock::test(1_000_000))
        };
        let path = scratch.dir.path().join("server.key");
        let token = open().expect("a first start").tokens.issue("u", "w", "d", 1_000_000).expect("a token");
        let about = std::fs::metadata(&path).expect("a key");
        assert_eq!((about.permissions().mode() & 0o777, about.len() >= 32), (0o600, true));
        assert!(open().expect("a second start").tokens.read(&token, 1_000_000).is_ok(), "the key stays the same");
        std::fs::write(&path, "short").expect("a damaged key");
        let error = open().err().expect("no start with a damaged key").to_string();
        assert!(error.contains("server.key") && error.contains("short"), "{error}");
    }

    fn behind_https_browsers_are_told_to_insist(engine) {
        let mut world = World::new(engine);
        std::sync::Arc::get_mut(&mut world.app).expect("nobody else has it").config.public_url = "https://desk.example".into();
        let server = Running::start(&world);
        let mut ann = server.client();
        let answer = ann.login("ann", PASSWORD);
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000; includeSubDomains"));
        let cookie = answer.header("set-cookie").expect("a refresh cookie");
        assert!(cookie.starts_with("__Host-dutyboard_refresh="), "{cookie}");
        for word in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/;"] {
            assert!(cookie.contains(word), "{cookie}");
        }
        let send = |name: &str| server.client().send("POST", "/api/auth/refresh", &[("Cookie", &format!("{name}={}", ann.refresh.clone().expect("a secret")))], b"");
        assert_eq!(send("dutyboard_refresh").code(), "unauthorized", "a name that any neighbour could set counts for nothing");
        assert_eq!(send("__Host-dutyboard_refresh").status, 200);
    }

    fn answers_carry_what_browsers_need_to_be_strict(engine) {
        let world = World::new(engine);
        let server = Running::start(&world);
        for path in ["/healthz", "/api/v1/info", "/api/nothing", "/api/docs"] {
            let answer = server.client().get(path);
            let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{path} has no policy"));
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(answer.header("x-frame-options"), Some("DENY"));
            assert_eq!(answer.header("strict-transport-security"), None, "this one is reached by http");
        }
        let spec: Value = server.client().get("/api/openapi.json").json();
        assert!(spec["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", spec["openapi"]);
    }
}
