//! Tables of the customers room.

diesel::table! {
    customer (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        team_id -> Text,
        shop_id -> Nullable<Text>,
        nick -> Text,
        name -> Text,
        phone -> Text,
        email -> Text,
        address -> Text,
        messengers -> Text,
        tags -> Text,
        tier -> Text,
        likes -> Text,
        sizes -> Text,
        notes -> Text,
        special_days -> Text,
        blocked -> Text,
        owner_id -> Nullable<Text>,
        ideal_days -> Nullable<Integer>,
        longest_days -> Nullable<Integer>,
        last_contact_at -> Nullable<BigInt>,
        needed_by -> Text,
        wrong_number -> Bool,
        merged_into -> Nullable<Text>,
        created_at -> BigInt,
        stamp -> BigInt,
        bad_email -> Bool,
        in_case -> Bool,
    }
}
diesel::table! {
    callback (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        customer_id -> Text,
        team_id -> Text,
        owner_id -> Nullable<Text>,
        kind -> Text,
        channel -> Text,
        scene -> Text,
        about -> Text,
        due_at -> BigInt,
        until_at -> BigInt,
        day -> Text,
        state -> Text,
        attempts -> Integer,
        attempts_on_day -> Integer,
        level -> Text,
        next_level_at -> Nullable<BigInt>,
        result -> Nullable<Text>,
        by_hand -> Bool,
        created_by -> Nullable<Text>,
        created_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        archived -> Bool,
    }
}
diesel::table! {
    contact (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        customer_id -> Text,
        callback_id -> Nullable<Text>,
        author_id -> Text,
        channel -> Text,
        result -> Text,
        is_real -> Bool,
        minutes -> Nullable<Integer>,
        note -> Text,
        at -> BigInt,
        campaign_id -> Nullable<Text>,
    }
}
diesel::table! {
    campaign (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        team_id -> Text,
        name -> Text,
        from_day -> Text,
        until_day -> Text,
        tier -> Text,
        tag -> Text,
    }
}
diesel::table! {
    care_policy (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        name_zh -> Text,
        name_en -> Text,
        ideal_days -> Integer,
        longest_days -> Integer,
        enabled -> Bool,
    }
}
diesel::table! {
    care_night (workspace_id, team_id) {
        workspace_id -> Text,
        team_id -> Text,
        day -> Text,
    }
}
diesel::table! {
    customer_order (workspace_id, number) {
        workspace_id -> Text,
        number -> Text,
        customer_id -> Text,
        state -> Text,
        title -> Text,
        cents -> Nullable<BigInt>,
        ordered_at -> Nullable<BigInt>,
        paid_at -> Nullable<BigInt>,
        raw -> Text,
        stamp -> BigInt,
    }
}
diesel::table! {
    customer_file (workspace_id, customer_id, sha256) {
        workspace_id -> Text,
        customer_id -> Text,
        sha256 -> Text,
        name -> Text,
        mime -> Text,
        size -> BigInt,
        author_id -> Text,
        at -> BigInt,
    }
}
diesel::table! {
    customer_apart (workspace_id, one_id, other_id) {
        workspace_id -> Text,
        one_id -> Text,
        other_id -> Text,
    }
}
diesel::table! {
    customer_keep (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        months -> Nullable<Integer>,
    }
}
diesel::table! {
    erasure (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        team_id -> Text,
        at -> BigInt,
        why -> Text,
        reason -> Text,
        by_id -> Nullable<Text>,
        contacts -> Integer,
        callbacks -> Integer,
        orders -> Integer,
        files -> Integer,
        proved -> Bool,
        stamp -> BigInt,
    }
}
diesel::allow_tables_to_appear_in_same_query!(customer, customer_order);
