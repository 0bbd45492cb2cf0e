//! Tables of the outreach room.

diesel::table! {
    chain (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        code -> Nullable<Text>,
        name_zh -> Text,
        name_en -> Text,
        whom -> Text,
        steps -> Text,
        enabled -> Bool,
        position -> Integer,
    }
}
diesel::table! {
    outreach_reason (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        code -> Nullable<Text>,
        name_zh -> Text,
        name_en -> Text,
        chain_id -> Text,
        scene -> Text,
        is_reminder -> Bool,
        archived -> Bool,
        position -> Integer,
    }
}
diesel::table! {
    outreach_hours (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        shop_id -> Nullable<Text>,
        hours -> Text,
        decide_hours -> Integer,
        return_days -> Integer,
        open_from -> Text,
        open_until -> Text,
        working_days_only -> Bool,
    }
}
diesel::table! {
    outreach_template (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        reason_id -> Text,
        locale -> Text,
        subject -> Text,
        body -> Text,
    }
}
diesel::table! {
    outreach_case (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        team_id -> Text,
        shop_id -> Nullable<Text>,
        customer_id -> Text,
        reason_id -> Text,
        about -> Text,
        order_number -> Text,
        chain_id -> Text,
        steps -> Text,
        step -> Integer,
        channel -> Nullable<Text>,
        state -> Text,
        phase -> Text,
        turn -> Integer,
        next_at -> Nullable<BigInt>,
        left_ms -> Nullable<BigInt>,
        callback_id -> Nullable<Text>,
        mail_id -> Nullable<Text>,
        thread -> Nullable<Text>,
        attempts -> Integer,
        attempts_on_day -> Integer,
        day -> Text,
        decide_at -> Nullable<BigInt>,
        return_by -> Nullable<BigInt>,
        locale -> Text,
        created_by -> Nullable<Text>,
        created_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        outcome -> Text,
        archived -> Bool,
    }
}
diesel::table! {
    outreach_attempt (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        case_id -> Text,
        step -> Integer,
        channel -> Text,
        result -> Text,
        author_id -> Nullable<Text>,
        minutes -> Nullable<Integer>,
        note -> Text,
        at -> BigInt,
    }
}
diesel::table! {
    outreach_hook (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        url -> Text,
        secret -> Text,
    }
}
diesel::table! {
    overdue_box (workspace_id, box_id) {
        workspace_id -> Text,
        box_id -> Text,
        level -> Text,
        since -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(outreach_attempt, outreach_case);
