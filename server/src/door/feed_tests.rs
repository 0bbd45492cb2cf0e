use super::*;
use std::collections::BTreeSet;

const W: &str = "w";
const NOW: i64 = 10 * REMEMBER_MS;

fn buckets(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A commit that shows one row, with the version in its body, to some buckets.
fn commit(version: i64, key: &str, seen_by: &[(&str, bool)]) -> Commit {
    let body = RawValue::from_string(format!("{{\"v\":{version}}}")).unwrap();
    let body = seen_by.iter().any(|(_, present)| *present).then(|| Arc::from(body));
    let buckets: Vec<(String, bool)> = seen_by.iter().map(|(name, present)| ((*name).to_owned(), *present)).collect();
    let touched = buckets.iter().map(|(name, _)| name.clone()).collect();
    let rows = vec![RowChange { key: key.into(), body, buckets, access: false }];
    Commit { epoch: 1, version, touched, rows, clients: Vec::new() }
}

/// A feed that knows the workspace from version 10 on, and a client group "g" of "u".
fn feed() -> Feed {
    let feed = Feed::default();
    let generation = feed.generation(W);
    feed.learn(W, generation, 1, 10);
    feed.learn_group(W, generation, "g", "u");
    feed
}

fn ask(feed: &Feed, base: i64, scope: &[&str]) -> Option<Seen> {
    let (buckets, generation) = (buckets(scope), feed.generation(W));
    feed.since(W, 1, base, &Asking { buckets: &buckets, generation, user_id: "u", group_id: "g" }, NOW)
}

/// Keys with what they are now: a body or gone.
fn rows(seen: Option<Seen>) -> Option<Vec<String>> {
    let text =
        |(key, body): (Arc<str>, Option<Arc<RawValue>>)| format!("{key} {}", body.map_or("gone".into(), |b| b.get().to_owned()));
    seen.map(|seen| seen.rows.into_iter().map(text).collect())
}

#[test]
fn nothing_for_me_is_nothing() {
    let feed = feed();
    feed.apply(W, commit(11, "x", &[("b", true)]));
    assert_eq!(rows(ask(&feed, 10, &["a"])), Some(vec![]));
    assert_eq!(ask(&feed, 10, &["a"]).unwrap().version, 10, "the cookie stays as it is");
}

#[test]
fn a_delta_is_the_last_state_of_each_row() {
    let feed = feed();
    feed.apply(W, commit(11, "x", &[("a", true)]));
    feed.apply(W, commit(12, "y", &[("a", true), ("b", true)]));
    feed.apply(W, commit(13, "x", &[("a", true)]));
    feed.apply(W, commit(14, "y", &[("a", false), ("b", true)]));
    assert_eq!(rows(ask(&feed, 10, &["a"])), Some(vec!["x {\"v\":13}".into(), "y gone".into()]));
    assert_eq!(rows(ask(&feed, 10, &["a", "b"])), Some(vec!["x {\"v\":13}".into(), "y {\"v\":14}".into()]));
    assert_eq!(rows(ask(&feed, 13, &["a"])), Some(vec!["y gone".into()]));
    assert!(ask(&feed, 15, &["a"]).is_none(), "a cookie from the future");
    assert!(ask(&feed, 9, &["a"]).is_none(), "before anything was watched");
}

#[test]
fn only_the_own_group_learns_where_its_clients_are() {
    let feed = feed();
    let moved =
        |group: &str, lmid| ClientChange { group_id: group.into(), client_id: format!("{group}1"), user_id: "u".into(), lmid };
    let clients = vec![moved("g", 7), moved("h", 3)];
    let touched = BTreeSet::from(["user:u".to_owned()]);
    feed.apply(W, Commit { epoch: 1, version: 11, touched, rows: Vec::new(), clients });
    let seen = ask(&feed, 10, &["user:u"]).unwrap();
    assert_eq!(seen.lmids, BTreeMap::from([("g1".to_owned(), 7)]));
}

#[test]
fn a_group_of_somebody_else_is_left_to_the_database() {
    let feed = feed();
    let taken = ClientChange { group_id: "g".into(), client_id: "g1".into(), user_id: "other".into(), lmid: 1 };
    feed.apply(W, Commit { epoch: 1, version: 11, clients: vec![taken], ..Commit::default() });
    assert!(ask(&feed, 10, &["a"]).is_none());
}

#[test]
fn a_gap_makes_older_cookies_unknown() {
    let feed = feed();
    feed.apply(W, commit(11, "x", &[("a", true)]));
    // Another process wrote 12; its notice is still on the way.
    feed.apply(W, commit(13, "y", &[("a", true)]));
    assert!(ask(&feed, 11, &["a"]).is_none() && ask(&feed, 11, &["b"]).is_none());
    let generation = feed.generation(W);
    feed.learn_group(W, generation, "g", "u");
    ask(&feed, 13, &["a"]);
    assert_eq!(rows(ask(&feed, 13, &["a"])), Some(vec![]));
    assert!(!feed.notice(W, &notice(12, 12, 1, &["a"])), "old news by now");
    assert_eq!(rows(ask(&feed, 13, &["a"])), Some(vec![]));
}

fn notice(from: i64, to: i64, count: i64, touched: &[&str]) -> Notice {
    let buckets = touched.iter().map(|name| (*name).to_owned()).collect();
    Notice { epoch: 1, from, to, count, access: false, everyone: false, buckets }
}

#[test]
fn a_whole_notice_tells_who_has_nothing_new() {
    let feed = feed();
    assert!(feed.notice(W, &notice(11, 12, 2, &["a"])));
    let generation = feed.generation(W);
    feed.learn_group(W, generation, "g", "u");
    assert_eq!(rows(ask(&feed, 10, &["b"])), Some(vec![]), "nothing happened in b");
    assert!(ask(&feed, 10, &["a"]).is_none(), "what happened in a is in the database");
}

#[test]
fn a_notice_with_holes_tells_nothing() {
    for holed in [notice(11, 13, 2, &["a"]), notice(12, 12, 1, &["a"]), Notice { everyone: true, ..notice(11, 11, 1, &[]) }] {
        let feed = feed();
        assert!(feed.notice(W, &holed));
        let generation = feed.generation(W);
        feed.learn_group(W, generation, "g", "u");
        assert!(ask(&feed, 10, &["b"]).is_none(), "{holed:?}");
    }
}

#[test]
fn who_cannot_hear_knows_nothing() {
    let feed = feed();
    feed.hear(false);
    assert!(ask(&feed, 10, &["a"]).is_none());
    let generation = feed.generation(W);
    feed.learn(W, generation, 1, 10);
    feed.hear(true);
    assert!(ask(&feed, 10, &["a"]).is_none(), "what was learnt while deaf does not count");
}

#[test]
fn what_was_read_before_a_change_is_not_learnt_after_it() {
    let feed = Feed::default();
    let generation = feed.generation(W);
    // The snapshot was taken at version 10; before it is learnt, 11 is committed.
    feed.apply(W, commit(11, "x", &[("a", true)]));
    feed.learn(W, generation, 1, 10);
    let generation = feed.generation(W);
    feed.learn_group(W, generation, "g", "u");
    ask(&feed, 10, &["a"]);
    assert!(ask(&feed, 9, &["a"]).is_none());
    assert_ne!(rows(ask(&feed, 10, &["a"])), Some(vec![]), "11 is not overlooked");
}

#[test]
fn another_role_is_another_generation() {
    let feed = feed();
    let before = feed.generation(W);
    let mut changed = commit(11, "person/u", &[("ws", true)]);
    changed.rows[0].access = true;
    feed.apply(W, changed);
    assert_ne!(feed.generation(W), before);
    let own = buckets(&["b"]);
    assert!(feed.since(W, 1, 10, &Asking { buckets: &own, generation: before, user_id: "u", group_id: "g" }, 0).is_none());
}

#[test]
fn old_cookies_are_left_to_the_database() {
    let feed = feed();
    let (own, generation) = (buckets(&["a"]), feed.generation(W));
    let at = |now| feed.since(W, 1, 10, &Asking { buckets: &own, generation, user_id: "u", group_id: "g" }, now);
    assert!(at(NOW).is_some(), "the first look begins to watch the age of cookies");
    assert!(at(NOW + REMEMBER_MS).is_some());
    feed.apply(W, commit(11, "x", &[("b", true)]));
    assert!(at(NOW + 1 + REMEMBER_MS).is_none());
}

#[test]
fn what_is_kept_is_bounded() {
    let feed = feed();
    for version in 11..=(11 + 2 * CHANGES as i64) {
        feed.apply(W, commit(version, "x", &[("a", true)]));
    }
    let watch = feed.find(W).unwrap();
    let (kept, newest, oldest) = {
        let watch = lock(&watch);
        (watch.changes.len(), watch.version, watch.start)
    };
    assert_eq!(kept, CHANGES);
    assert_eq!(newest - oldest, CHANGES as i64);
    assert!(ask(&feed, oldest, &["a"]).is_some() && ask(&feed, oldest - 1, &["a"]).is_none());
    assert_eq!(rows(ask(&feed, 10, &["b"])), Some(vec![]), "that nothing happened in b is still known");
    let own = lock(&watch).bytes;
    assert_eq!(feed.0.bytes.load(Ordering::Relaxed), own);
    feed.forget(W);
    assert_eq!(feed.0.bytes.load(Ordering::Relaxed), 0);
}
