use super::*;
use crate::door::{Role, Via};

fn actor(role: Role, user_id: &str, team_id: &str) -> Actor {
    let (workspace_id, user_id, team_id) = ("w".into(), user_id.into(), team_id.into());
    Actor { workspace_id, user_id, role, team_id, device_id: None, via: Via::Push }
}

fn row(state: &str, assignee: Option<&str>, former: &[&str]) -> BoxRow {
    BoxRow {
        workspace_id: "w".into(),
        id: "b".into(),
        team_id: "t".into(),
        day: "2026-03-02".into(),
        origin: "pack".into(),
        pack_code: None,
        task_code: None,
        series: None,
        slot: None,
        title_zh: "审单".into(),
        title_en: "Audit".into(),
        skill_code: None,
        kind: "deadline".into(),
        start_at: None,
        end_at: None,
        due_at: Some(1000),
        cutoff: true,
        quadrant: "Q1".into(),
        catch_up: "skip".into(),
        state: state.into(),
        assignee_id: assignee.map(str::to_owned),
        former_ids: serde_json::to_string(former).unwrap(),
        by_hand: false,
        checklist: r#"[{"text":{"zh":"一","en":"one"},"done":false}]"#.into(),
        started_at: None,
        started_by: (state == "doing").then(|| assignee.unwrap_or("x").to_owned()),
        finished_at: None,
        finished_by: (state == "done").then(|| assignee.unwrap_or("x").to_owned()),
        late: false,
        skip_reason: None,
        carried_from: None,
        created_by: None,
        archived: false,
    }
}

fn code<T>(result: Result<T, Stop>) -> Option<Code> {
    match result {
        Ok(_) => None,
        Err(Stop::Refused(refusal)) => Some(refusal.code),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn standing_follows_role_team_and_history() {
    let given = row("todo", Some("ann"), &["bob"]);
    for (role, user, team, expected) in [
        (Role::Owner, "zoe", "other", Standing::Overseer),
        (Role::Supervisor, "sue", "t", Standing::Overseer),
        (Role::Supervisor, "sue", "other", Standing::Stranger),
        (Role::Agent, "ann", "t", Standing::Assignee),
        (Role::Agent, "bob", "t", Standing::Former),
        (Role::Agent, "cid", "t", Standing::Stranger),
    ] {
        assert_eq!(standing(&actor(role, user, team), &given).unwrap(), expected, "{role:?} {user} {team}");
    }
    assert_eq!(standing(&actor(Role::Agent, "cid", "t"), &row("todo", None, &[])).unwrap(), Standing::Pool);
    assert_eq!(standing(&actor(Role::Agent, "cid", "u"), &row("todo", None, &[])).unwrap(), Standing::Stranger);
}

#[test]
fn state_machine_table() {
    use Standing::{Assignee, Former, Pool};
    type Step = fn(&BoxRow, Standing) -> Result<BoxRow, Stop>;
    type Row = (&'static str, Step, &'static str, Standing, Result<&'static str, Code>);
    let start: Step = |row, who| start(row, who, "ann", 5);
    let finish: Step = |row, who| finish(row, who, "ann", 5);
    let skip: Step = |row, who| skip(row, who, "ann", "sick", 5);
    let reopen: Step = |row, who| reopen(row, who);
    let table: [Row; 18] = [
        ("start", start, "todo", Assignee, Ok("doing")),
        ("start", start, "doing", Assignee, Ok("doing")),
        ("start", start, "done", Assignee, Err(Code::WrongState)),
        ("start", start, "missed", Assignee, Err(Code::WrongState)),
        ("start", start, "todo", Former, Err(Code::TakenOver)),
        ("start", start, "todo", Pool, Err(Code::Forbidden)),
        ("finish", finish, "todo", Assignee, Ok("done")),
        ("finish", finish, "doing", Assignee, Ok("done")),
        ("finish", finish, "skipped", Assignee, Ok("done")),
        ("finish", finish, "missed", Assignee, Ok("done")),
        ("finish", finish, "todo", Former, Ok("done")),
        ("finish", finish, "skipped", Former, Err(Code::TakenOver)),
        ("skip", skip, "doing", Assignee, Ok("skipped")),
        ("skip", skip, "done", Assignee, Err(Code::WrongState)),
        ("skip", skip, "todo", Former, Err(Code::TakenOver)),
        ("reopen", reopen, "done", Assignee, Ok("todo")),
        ("reopen", reopen, "missed", Assignee, Err(Code::WrongState)),
        ("reopen", reopen, "done", Former, Err(Code::TakenOver)),
    ];
    for (name, step, from, who, expected) in table {
        let result = step(&row(from, Some("ann"), &[]), who);
        match expected {
            Ok(state) => assert_eq!(result.unwrap().state, state, "{name} {from} {who:?}"),
            Err(refused) => assert_eq!(code(result), Some(refused), "{name} {from} {who:?}"),
        }
    }
}

#[test]
fn a_former_assignee_reports_until_the_new_one_starts() {
    let handed = reassign(&row("doing", Some("ann"), &[]), Some("bob")).unwrap();
    assert_eq!((handed.state.as_str(), handed.former_ids.as_str()), ("todo", r#"["ann"]"#));
    assert_eq!(finish(&handed, Standing::Former, "ann", 5).unwrap().finished_by.as_deref(), Some("ann"));
    let started = start(&handed, Standing::Assignee, "bob", 6).unwrap();
    assert_eq!(code(finish(&started, Standing::Former, "ann", 7)), Some(Code::TakenOver));
    let done = finish(&started, Standing::Assignee, "bob", 8).unwrap();
    assert_eq!(code(finish(&done, Standing::Former, "ann", 9)), Some(Code::TakenOver));
}

#[test]
fn late_work_is_accepted_and_flagged_and_undo_leaves_no_trace() {
    let given = row("todo", Some("ann"), &[]);
    assert!(!finish(&given, Standing::Assignee, "ann", 1000).unwrap().late);
    let late = finish(&given, Standing::Assignee, "ann", 1001).unwrap();
    assert!(late.late);
    assert_eq!(reopen(&late, Standing::Assignee).unwrap(), given);
}

#[test]
fn taking_from_the_pool_is_first_come() {
    let free = row("todo", None, &[]);
    let taken = take(&free, Standing::Pool, "ann").unwrap();
    assert_eq!(taken.assignee_id.as_deref(), Some("ann"));
    assert_eq!(code(take(&taken, Standing::Stranger, "bob")), Some(Code::TakenOver));
    assert_eq!(take(&taken, Standing::Assignee, "ann").unwrap(), taken);
    assert_eq!(code(take(&free, Standing::Stranger, "bob")), Some(Code::Forbidden));
    let given_back = reassign(&taken, None).unwrap();
    assert_eq!(take(&given_back, Standing::Former, "ann").unwrap().assignee_id.as_deref(), Some("ann"));
}

#[test]
fn reasons_checks_and_windows_are_checked() {
    let given = row("todo", Some("ann"), &[]);
    assert_eq!(code(skip(&given, Standing::Assignee, "ann", "  ", 1)), Some(Code::ReasonRequired));
    assert_eq!(code(skip(&given, Standing::Assignee, "ann", &"x".repeat(201), 1)), Some(Code::TooLong));
    assert!(check(&given, Standing::Former, 0, true).unwrap().checklist.contains("true"));
    assert_eq!(code(check(&given, Standing::Assignee, 1, true)), Some(Code::BadValue));
    for (start, end, fits) in [
        (Some(1), Some(2), true),
        (Some(2), Some(2), false),
        (None, Some(2), false),
        (Some(1), None, false),
        (Some(-1), Some(2), false),
    ] {
        assert_eq!(times(Kind::Timebox, start, end, None).is_ok(), fits, "{start:?} {end:?}");
    }
    let refused = |kind, due| times(kind, None, None, due).err().map(|refusal| refusal.code);
    assert_eq!(refused(Kind::Deadline, None), Some(Code::BadValue));
    assert_eq!(refused(Kind::Deadline, Some(9)), None);
    assert_eq!(refused(Kind::Anytime, None), None);
    assert_eq!(refused(Kind::Anytime, Some(i64::MAX)), Some(Code::BadTime));
}
