//! Jobs and mails.

diesel::table! {
    job (id) {
        id -> Text,
        workspace_id -> Text,
        kind -> Text,
        payload -> Text,
        dedupe -> Nullable<Text>,
        state -> Text,
        due_at -> BigInt,
        attempts -> Integer,
        leased_by -> Nullable<Text>,
        leased_until -> BigInt,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        outside -> Bool,
    }
}
diesel::table! {
    mail (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        kind -> Text,
        person_id -> Text,
        to_address -> Text,
        to_name -> Text,
        locale -> Text,
        vars -> Text,
        message_id -> Text,
        state -> Text,
        created_at -> BigInt,
        sent_at -> Nullable<BigInt>,
        customer_id -> Nullable<Text>,
        domain -> Nullable<Text>,
        held_until -> Nullable<BigInt>,
        taken_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    mail_pace (id) {
        id -> Integer,
        at -> BigInt,
    }
}
diesel::table! {
    mail_reply (workspace_id, mail_id, digest) {
        workspace_id -> Text,
        mail_id -> Text,
        digest -> Text,
        at -> BigInt,
    }
}
