//! The access table: which role may send which command. The finer rules ("only the assignee") belong to the rooms.

use super::actor::{Actor, Role};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Every active person.
    Anyone,
    /// Supervisors and owners.
    Supervisor,
    Owner,
    /// Jobs and the command line; refused to people.
    System,
}

pub fn allows(actor: &Actor, needed: Access) -> bool {
    if actor.is_system() {
        return true;
    }
    match needed {
        Access::Anyone => true,
        Access::Supervisor => matches!(actor.role, Role::Supervisor | Role::Owner),
        Access::Owner => actor.role == Role::Owner,
        Access::System => false,
    }
}
