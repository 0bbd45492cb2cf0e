//! The closed words of the notices room.

crate::words! {
    /// What a notice is about.
    NoticeKind {
        /// A colleague's own words.
        Message "message",
        CallbackOverdue "callback_overdue",
        BoxOverdue "box_overdue",
        /// A step of an outreach chain was not done in time.
        StepOverdue "step_overdue",
        /// Somebody has to decide how a case goes on.
        Decision "decision",
        /// A person was to be told something and has neither a mailbox nor a phone that takes notices.
        NoChannel "no_channel",
        /// Somebody tries out a robot.
        RobotTest "robot_test",
    }
    NoticeLevel {
        Info "info",
        Due "due",
        Urgent "urgent",
    }
    /// A way by which a notice reaches somebody.
    RouteKind {
        /// The person opens it in the app.
        App "app",
        Mail "mail",
        /// A robot writes it into the team's group chat.
        Robot "robot",
        /// Web Push.
        Push "push",
    }
    RouteState {
        Waiting "waiting",
        Delivered "delivered",
        Failed "failed",
        /// There is no such way to this person, or it is not needed any more.
        None "none",
    }
    /// Whose group chat a robot writes into.
    RobotKind {
        Dingtalk "dingtalk",
        Feishu "feishu",
        Wecom "wecom",
    }
}
