use super::*;
use std::collections::HashSet;

fn tasks() -> impl Iterator<Item = (&'static Pack, &'static Task)> {
    all().iter().flat_map(|pack| pack.tasks.iter().map(move |task| (pack, task)))
}

#[test]
fn ten_packs_and_113_tasks_load_with_unique_ids() {
    let sizes: Vec<_> = all().iter().map(|pack| (pack.id.as_str(), pack.tasks.len())).collect();
    let expected = [
        ("presale_day", 19),
        ("aftersale_day", 28),
        ("night_shift", 10),
        ("supervisor_daily", 18),
        ("supervisor_weekly", 8),
        ("supervisor_half_monthly", 4),
        ("supervisor_monthly", 18),
        ("supervisor_two_monthly", 2),
        ("supervisor_quarterly", 5),
        ("supervisor_yearly", 1),
    ];
    assert_eq!(sizes, expected);
    let ids: HashSet<_> = tasks().map(|(_, task)| &task.id).collect();
    assert_eq!(ids.len(), 113);
    assert!(all().iter().all(|p| pack(&p.id).is_some_and(|found| found.id == p.id)));
    assert!(pack("nobody").is_none() && task("nobody").is_none());
}

#[test]
fn both_languages_are_there() {
    let whole = |text: &Text, id: &str| {
        assert!(!text.zh.trim().is_empty() && !text.en.trim().is_empty(), "{id}");
        assert!(text.en.is_ascii() || text.en.contains(['–', '×']), "{id}: {}", text.en);
        assert!(!text.zh.is_ascii(), "{id}: {}", text.zh);
    };
    for pack in all() {
        whole(&pack.name, &pack.id);
    }
    for (_, task) in tasks() {
        whole(&task.title, &task.id);
        whole(&task.when(), &task.id);
        task.checklist.iter().for_each(|line| whole(line, &task.id));
        assert!(!task.source.is_empty() && task.source.contains(':'), "{}", task.id);
    }
}

#[test]
fn windows_and_deadlines_lie_inside_the_shift() {
    for (pack, task) in tasks() {
        let (start, end) = pack.shift_minutes();
        let (early, role_hours) = (start - ARRIVE_EARLY_MIN, task.role != "all_agents");
        if let Some((from, to)) = pack.window_minutes(task) {
            let allowed = if task.id.ends_with("_handover_in") { early } else { start };
            assert!(allowed <= from && from < to && (to <= end || !role_hours), "{}: {from}-{to} in {start}-{end}", task.id);
        }
        if let Some(deadline) = task.deadline {
            let due = pack.minute(deadline);
            assert!(start < due && due <= end, "{}: {due}", task.id);
            assert!(pack.window_minutes(task).is_none_or(|(_, to)| to <= due), "{}", task.id);
        }
    }
}

#[test]
fn every_kind_has_what_it_needs() {
    for (_, task) in tasks() {
        let id = &task.id;
        assert_eq!(task.window.is_some(), matches!(task.kind, Kind::Timebox | Kind::Meeting | Kind::Standing), "{id}: window");
        assert!(task.kind != Kind::Deadline || task.deadline.is_some(), "{id}: deadline");
        assert_eq!(task.kind == Kind::Sweep, task.rrule.contains("BYHOUR"), "{id}: sweep times");
        assert!(task.slot.is_none() || task.per == Per::One, "{id}: a slot goes to one person");
        assert!(task.role != "all_agents" || task.per == Per::Each, "{id}");
        assert!(task.anchor == Anchor::Clock || (task.per == Per::Each && task.window.is_some()), "{id}: anchor");
        assert!(task.after.iter().all(|before| super::task(before).is_some()), "{id}: after");
        assert!(task.register.as_ref().is_none_or(|register| !register.is_empty()), "{id}: register");
        assert!(task.target_per_period.is_none_or(|target| 0 < target.min && target.min <= target.max), "{id}: target");
        assert!(!task.cutoff || task.deadline.is_some() || task.window.is_some(), "{id}: cut-off of nothing");
        let roles = ["presale", "aftersale", "night", "supervisor", "all_agents"];
        assert!(roles.contains(&task.role.as_str()), "{id}: role");
    }
}

#[test]
fn the_cutoffs_of_the_trade_are_marked() {
    let cutoffs: HashSet<_> = tasks().filter(|(_, task)| task.cutoff).map(|(_, task)| task.id.as_str()).collect();
    let expected = [
        "ps_audit_am",
        "ps_im_dunning",
        "ps_same_day_cutoff",
        "ps_audit_pm",
        "ps_ship_followup_72h",
        "as_payout_cutoff",
        "nt_phone_stop",
        "nt_issue_register",
        "sd_shipping",
    ];
    assert_eq!(cutoffs, HashSet::from(expected));
}

#[test]
fn times_of_a_shift_over_midnight_belong_to_the_day_it_starts() {
    let yaml = "{id: n, name: {zh: 夜, en: n}, shift: {start: '22:00', end: '06:00'}, enabled_by_default: true, tasks: []}";
    let pack = Pack::from_yaml(yaml).expect("reads");
    let minute = |text: &str| pack.minute(Hm::try_from(text.to_owned()).expect("time"));
    assert_eq!(pack.shift_minutes(), (22 * 60, 30 * 60));
    for (text, expected) in
        [("21:45", 21 * 60 + 45), ("22:00", 22 * 60), ("23:59", 1439), ("00:00", 1440), ("05:30", 29 * 60 + 30)]
    {
        assert_eq!(minute(text), expected, "{text}");
    }
}

#[test]
fn bad_files_are_refused() {
    let head = "{id: n, name: {zh: 夜, en: n}, shift: {start: '22:00', end: '06:00'}, enabled_by_default: true";
    for (tail, part) in [(", tasks: [], colour: red}", "colour"), ("}", "tasks"), (", tasks: [{id: x}]}", "title")] {
        let error = Pack::from_yaml(&format!("{head}{tail}")).expect_err(tail);
        assert!(error.contains(part), "{error}");
    }
    assert!(Pack::from_yaml(&head.replace("22:00", "24:00")).is_err());
}
