//! The closed words of the customers room.

crate::words! {
    /// A way to reach a buyer (rules 44, 86).
    Channel {
        /// The shop's own messenger.
        Im "im",
        Phone "phone",
        Sms "sms",
        Email "email",
        /// Another messenger.
        Other "other",
    }
    /// Why a buyer is called back.
    CallbackKind {
        /// Somebody said they would.
        Promised "promised",
        /// The care policy of a VIP says so (rule 42).
        Care "care",
        /// A try of a chain that reaches a buyer who is offline (rule 44).
        Outreach "outreach",
    }
    CallbackState {
        Open "open",
        Done "done",
        Cancelled "cancelled",
    }
    /// How a contact went.
    ContactResult {
        /// Spoke or wrote with the buyer.
        Reached "reached",
        NoAnswer "no_answer",
        Busy "busy",
        WrongNumber "wrong_number",
        /// The buyer asked for another time.
        Later "later",
        /// The buyer does not want to be contacted this way.
        Refused "refused",
        /// Sent, and no answer yet.
        Sent "sent",
        /// The buyer wrote or called by themselves, a "thanks" among it. It ends no promise.
        Inbound "inbound",
    }
    /// Why a buyer was erased.
    ErasedWhy {
        /// The buyer, or somebody for them, asked for it.
        Asked "asked",
        /// Nothing was heard of them for as long as buyers are kept.
        Retention "retention",
    }
    /// What two cards have in common that may be one person.
    SameBy {
        Phone "phone",
        Email "email",
        Nick "nick",
        NameAndAddress "name_and_address",
    }
    /// How far a callback has climbed (data `internal_overdue`: owner, shift mates, supervisor).
    Level {
        Calm "calm",
        /// Ten minutes to go.
        Soon "soon",
        Due "due",
        /// Overdue: the owner's team sees it, too.
        Mates "mates",
        /// Overdue for longer, or nobody can do it: a supervisor decides.
        Supervisor "supervisor",
    }
}

impl ContactResult {
    /// Whether the buyer was in fact reached: only that restarts the VIP clock.
    pub fn is_real(self) -> bool {
        matches!(self, ContactResult::Reached | ContactResult::Later | ContactResult::Inbound)
    }
}
