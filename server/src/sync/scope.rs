//! Which buckets a person's phones see.

use super::cookie::scope_hash;
use crate::db::AnyConnection;
use crate::door::{Actor, Bucket, Role};
use crate::kit::refusal::Stop;
use crate::team;
use std::collections::BTreeSet;

/// Raise this when `Wire::audience` or a wire row changes its meaning: every phone then starts from a fresh view.
pub const VIEW_VERSION: u32 = 1;

/// The buckets of one person, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    pub buckets: Vec<String>,
    /// Names the set of buckets and the version of the view, as cookies do.
    pub hash: String,
}

impl Scope {
    pub fn sees(&self, bucket: &str) -> bool {
        self.buckets.binary_search_by(|own| own.as_str().cmp(bucket)).is_ok()
    }
}

/// Everybody: the workspace, own things, own team. Supervisors: also what only supervisors of the team see. Owners: all teams.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn of(conn: &mut AnyConnection, actor: &Actor) -> Result<Scope, Stop> {
    let mut scope = BTreeSet::from([Bucket::Workspace, Bucket::User(actor.user_id.clone()), Bucket::Team(actor.team_id.clone())]);
    match actor.role {
        Role::Agent => {}
        Role::Supervisor => drop(scope.insert(Bucket::Supervisors(actor.team_id.clone()))),
        Role::Owner => {
            for team in team::store::teams(conn, &actor.workspace_id)? {
                scope.insert(Bucket::Team(team.id.clone()));
                scope.insert(Bucket::Supervisors(team.id));
            }
        }
    }
    let buckets: BTreeSet<String> = scope.iter().map(Bucket::to_string).collect();
    let hash = scope_hash(&buckets, VIEW_VERSION);
    Ok(Scope { buckets: buckets.into_iter().collect(), hash })
}
