//! Tables of the notices room.

diesel::table! {
    notice (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        batch -> Text,
        to_id -> Text,
        team_id -> Text,
        sender_id -> Nullable<Text>,
        kind -> Text,
        level -> Text,
        subject -> Text,
        text -> Text,
        link -> Text,
        at -> BigInt,
        seen_at -> Nullable<BigInt>,
        routes -> Text,
        archived -> Bool,
        about -> Text,
    }
}
diesel::table! {
    robot (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        team_id -> Text,
        kind -> Text,
        name -> Text,
        url -> Text,
        secret -> Text,
        enabled -> Bool,
    }
}
diesel::table! {
    push_subscription (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        person_id -> Text,
        endpoint -> Text,
        p256dh -> Text,
        auth -> Text,
        created_at -> BigInt,
        failed_at -> Nullable<BigInt>,
    }
}
