//! Who asks for a write, and through which way in.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Supervisor,
    Agent,
}

impl Role {
    pub const ALL: [Role; 3] = [Role::Owner, Role::Supervisor, Role::Agent];

    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Supervisor => "supervisor",
            Role::Agent => "agent",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Role::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| format!("unknown role {text}"))
    }
}

/// The way in. `Job` and `Cli` act for the system itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    Push,
    Rest,
    Job,
    Cli,
}

impl Via {
    pub fn as_str(self) -> &'static str {
        match self {
            Via::Push => "push",
            Via::Rest => "rest",
            Via::Job => "job",
            Via::Cli => "cli",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Actor {
    pub workspace_id: String,
    /// Empty for the system.
    pub user_id: String,
    pub role: Role,
    pub team_id: String,
    pub device_id: Option<String>,
    pub via: Via,
}

impl Actor {
    /// The system acting by itself: jobs, and the command line.
    pub fn system(workspace_id: &str, via: Via) -> Self {
        let (user_id, team_id) = (String::new(), String::new());
        Actor { workspace_id: workspace_id.to_owned(), user_id, role: Role::Owner, team_id, device_id: None, via }
    }

    pub fn is_system(&self) -> bool {
        matches!(self.via, Via::Job | Via::Cli)
    }

    /// Owners oversee every team, supervisors their own.
    pub fn oversees(&self, team_id: &str) -> bool {
        match self.role {
            Role::Owner => true,
            Role::Supervisor => self.team_id == team_id,
            Role::Agent => false,
        }
    }
}
