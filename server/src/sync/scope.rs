//! Which buckets a person's phones see.

use crate::db::AnyConnection;
use crate::door::{Actor, Bucket, Role};
use crate::kit::refusal::Stop;
use crate::team;
use std::collections::BTreeSet;

/// Raise this when `Wire::audience` or a wire row changes its meaning: every phone then starts from a fresh view.
pub const VIEW_VERSION: u32 = 1;

/// Everybody: the workspace, own things, own team. Supervisors: also what only supervisors of the team see. Owners: all teams.
///
/// # Errors
/// `Fault` or `Busy` from the database.
pub fn of(conn: &mut AnyConnection, actor: &Actor) -> Result<BTreeSet<String>, Stop> {
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
    Ok(scope.iter().map(Bucket::to_string).collect())
}
