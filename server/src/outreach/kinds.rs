//! The closed words of the outreach room.

crate::words! {
    /// How a step of a chain reaches somebody (rules 44, 86; data `escalation_chains`).
    StepChannel {
        /// The shop's own messenger, by an agent.
        Im "im",
        /// A mail by the system.
        Email "email",
        /// A text message by the shop's provider (signed webhook).
        Sms "sms",
        /// A voice robot by the shop's provider (signed webhook).
        Voice "voice",
        /// A call by an agent.
        Phone "phone",
        /// A supervisor is told and may step in.
        Supervisor "supervisor",
        /// Inside the team: whoever has the work.
        Owner "owner",
        /// Inside the team: everybody on the same shift.
        ShiftMates "shift_mates",
    }
    /// What has hours of its own.
    HoursChannel {
        Im "im",
        /// Messages that remind end earlier (row 86).
        ImReminder "im_reminder",
        Email "email",
        Sms "sms",
        Voice "voice",
        Phone "phone",
    }
    /// What a provider of the shop does.
    HookChannel {
        Sms "sms",
        Voice "voice",
    }
    /// Whom a chain reaches.
    Whom {
        Buyer "buyer",
        Team "team",
    }
    /// Which clock a wait is counted on.
    WaitIn {
        Wall "wall",
        /// Only while the shop is open.
        Open "open",
    }
    /// Where a case stands.
    CaseState {
        /// It is the buyer's turn and the chain goes on.
        Running "running",
        /// It is the shop's own turn: nobody is reached.
        Ours "ours",
        /// Nobody was reached for days: a supervisor decides (rule 99).
        Decision "decision",
        /// The courier brings the parcel back.
        Returning "returning",
        Answered "answered",
        Closed "closed",
        Returned "returned",
    }
    /// What a running case waits for.
    Phase {
        /// For the hour of its next step.
        Planned "planned",
        /// For an agent's try.
        Agent "agent",
        /// For the buyer, until the step after it.
        Waiting "waiting",
    }
    /// How a try went.
    TryResult {
        Sent "sent",
        Failed "failed",
        /// The mail came back.
        Bounced "bounced",
        /// The buyer asked for no more of these.
        Stopped "stopped",
        NoAnswer "no_answer",
        Busy "busy",
        WrongNumber "wrong_number",
        Reached "reached",
        Later "later",
        Refused "refused",
        /// The buyer wrote or called.
        Inbound "inbound",
        /// There was no way to do this step.
        Skipped "skipped",
        /// A supervisor was told.
        Told "told",
        /// Nobody made the call in its hours: it was moved.
        Moved "moved",
    }
    /// What a supervisor makes of a case that nobody answers.
    Decision {
        /// The courier brings the parcel back within a week.
        Return "return",
        GoOn "go_on",
        Close "close",
    }
    /// What follows an answer.
    Then {
        /// Nothing is left to do.
        Done "done",
        /// The shop owes something.
        Ours "ours",
    }
    /// What is wrong with a chain.
    FaultCode {
        NoSteps "no_steps",
        /// A step that reaches nobody.
        NoChannel "no_channel",
        UnreachableStep "unreachable_step",
        /// Steps that go round for ever.
        NoEnd "no_end",
        /// Hours that are never inside those of the shop.
        BadWindow "bad_window",
        BadStep "bad_step",
    }
}

impl CaseState {
    pub fn is_open(self) -> bool {
        matches!(self, CaseState::Running | CaseState::Ours | CaseState::Decision | CaseState::Returning)
    }
}

impl StepChannel {
    /// Done by a person with a phone, as a callback.
    pub fn by_agent(self) -> bool {
        matches!(self, StepChannel::Im | StepChannel::Phone)
    }

    /// Aimed at the buyer.
    pub fn to_buyer(self) -> bool {
        !matches!(self, StepChannel::Supervisor | StepChannel::Owner | StepChannel::ShiftMates)
    }
}
