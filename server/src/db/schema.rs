//! Tables as diesel sees them; a test compares this with the migrated databases.

mod customers;
mod notices;
mod outbox;
mod outreach;

pub use customers::*;
pub use notices::*;
pub use outbox::*;
pub use outreach::*;

diesel::table! {
    sync_workspace (id) {
        id -> Text,
        epoch -> BigInt,
        version -> BigInt,
        floor -> BigInt,
        created_at -> BigInt,
    }
}
diesel::table! {
    sync_clock (workspace_id, version) {
        workspace_id -> Text,
        version -> BigInt,
        at -> BigInt,
    }
}
diesel::table! {
    sync_group (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        user_id -> Text,
        created_at -> BigInt,
    }
}
diesel::table! {
    sync_client (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        group_id -> Text,
        lmid -> BigInt,
        seq -> BigInt,
    }
}
diesel::table! {
    sync_entry (workspace_id, key) {
        workspace_id -> Text,
        key -> Text,
        kind -> Text,
        ver -> BigInt,
        body -> Text,
    }
}
diesel::table! {
    sync_member (workspace_id, bucket, key) {
        workspace_id -> Text,
        bucket -> Text,
        key -> Text,
        seq -> BigInt,
        present -> Bool,
    }
}
diesel::table! {
    mutation_log (workspace_id, client_id, id) {
        workspace_id -> Text,
        client_id -> Text,
        id -> BigInt,
        uid -> Nullable<Text>,
        user_id -> Text,
        name -> Text,
        args -> Nullable<Text>,
        schema_version -> Text,
        outcome -> Text,
        code -> Nullable<Text>,
        message -> Nullable<Text>,
        version -> BigInt,
        claimed_at -> Nullable<BigInt>,
        received_at -> BigInt,
    }
}
diesel::table! {
    mutation_fault (workspace_id, client_id, id) {
        workspace_id -> Text,
        client_id -> Text,
        id -> BigInt,
        attempts -> Integer,
    }
}
diesel::table! {
    reject (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        user_id -> Text,
        team_id -> Text,
        name -> Text,
        args -> Text,
        code -> Text,
        at -> BigInt,
        handed -> Bool,
    }
}
diesel::table! {
    receipt (workspace_id, user_id, idempotency_key) {
        workspace_id -> Text,
        user_id -> Text,
        idempotency_key -> Text,
        digest -> Text,
        version -> BigInt,
        at -> BigInt,
    }
}
diesel::table! {
    audit (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        version -> BigInt,
        at -> BigInt,
        actor_id -> Nullable<Text>,
        device_id -> Nullable<Text>,
        via -> Text,
        command -> Text,
        entity -> Text,
        before_body -> Nullable<Text>,
        after_body -> Nullable<Text>,
    }
}
diesel::table! {
    blob (workspace_id, sha256) {
        workspace_id -> Text,
        sha256 -> Text,
        size -> BigInt,
        mime -> Text,
        created_by -> Text,
        created_at -> BigInt,
        bytes -> Binary,
    }
}
diesel::table! {
    blob_ref (workspace_id, sha256, key) {
        workspace_id -> Text,
        sha256 -> Text,
        key -> Text,
    }
}
diesel::table! {
    credential (workspace_id, person_id) {
        workspace_id -> Text,
        person_id -> Text,
        password_hash -> Text,
    }
}
diesel::table! {
    device (id) {
        id -> Text,
        workspace_id -> Text,
        person_id -> Text,
        name -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    refresh_token (hash) {
        hash -> Text,
        device_id -> Text,
        parent -> Nullable<Text>,
        state -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}
diesel::table! {
    one_time_link (hash) {
        hash -> Text,
        purpose -> Text,
        workspace_id -> Nullable<Text>,
        person_id -> Nullable<Text>,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}
diesel::table! {
    workspace (id) {
        id -> Text,
        name -> Text,
        zone -> Text,
        locale -> Text,
        view_hours -> Integer,
    }
}
diesel::table! {
    team (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        name -> Text,
        archived -> Bool,
    }
}
diesel::table! {
    shop (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        name -> Text,
        platform -> Text,
        archived -> Bool,
    }
}
diesel::table! {
    skill (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        code -> Text,
        name_zh -> Text,
        name_en -> Text,
        archived -> Bool,
    }
}
diesel::table! {
    seat (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        name -> Text,
        shop_id -> Nullable<Text>,
        archived -> Bool,
    }
}
diesel::table! {
    person (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        name -> Text,
        role -> Text,
        team_id -> Text,
        skill_ids -> Text,
        active -> Bool,
        login -> Text,
        email -> Nullable<Text>,
        locale -> Text,
        tomorrow_mail_at -> Nullable<Text>,
        invited -> Bool,
    }
}
diesel::table! {
    shift_type (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        letter -> Text,
        name_zh -> Text,
        name_en -> Text,
        start -> Text,
        length_min -> Integer,
        arrive_early_min -> Integer,
        skill_code -> Text,
        hue -> Integer,
        archived -> Bool,
    }
}
diesel::table! {
    assignment (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        team_id -> Text,
        person_id -> Text,
        day -> Text,
        shift_type_id -> Text,
        start -> Text,
        length_min -> Integer,
        arrive_early_min -> Integer,
        zone -> Text,
        skill_code -> Text,
        letter -> Text,
        name_zh -> Text,
        name_en -> Text,
        shop_id -> Nullable<Text>,
        seat_id -> Nullable<Text>,
        starts_at -> BigInt,
        ends_at -> BigInt,
        archived -> Bool,
    }
}
diesel::table! {
    pack (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        team_id -> Text,
        code -> Text,
        enabled -> Bool,
    }
}
diesel::table! {
    board_day (workspace_id, team_id, day) {
        workspace_id -> Text,
        team_id -> Text,
        day -> Text,
        turned -> Bool,
        made_at -> BigInt,
    }
}
diesel::table! {
    board_box (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        team_id -> Text,
        day -> Text,
        origin -> Text,
        pack_code -> Nullable<Text>,
        task_code -> Nullable<Text>,
        series -> Nullable<Text>,
        slot -> Nullable<Text>,
        title_zh -> Text,
        title_en -> Text,
        skill_code -> Nullable<Text>,
        kind -> Text,
        start_at -> Nullable<BigInt>,
        end_at -> Nullable<BigInt>,
        due_at -> Nullable<BigInt>,
        cutoff -> Bool,
        quadrant -> Text,
        catch_up -> Text,
        state -> Text,
        assignee_id -> Nullable<Text>,
        former_ids -> Text,
        by_hand -> Bool,
        checklist -> Text,
        started_at -> Nullable<BigInt>,
        started_by -> Nullable<Text>,
        finished_at -> Nullable<BigInt>,
        finished_by -> Nullable<Text>,
        late -> Bool,
        skip_reason -> Nullable<Text>,
        carried_from -> Nullable<Text>,
        created_by -> Nullable<Text>,
        archived -> Bool,
    }
}
diesel::table! {
    box_note (workspace_id, id) {
        workspace_id -> Text,
        id -> Text,
        box_id -> Text,
        author_id -> Text,
        text -> Text,
        at -> BigInt,
    }
}
diesel::table! {
    tomorrow_mail (workspace_id, person_id, day) {
        workspace_id -> Text,
        person_id -> Text,
        day -> Text,
    }
}
diesel::table! {
    schema_guard (id) {
        id -> Integer,
        oldest_writer -> BigInt,
    }
}
diesel::table! {
    chore (workspace_id, name) {
        workspace_id -> Text,
        name -> Text,
        done_for -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(sync_member, sync_entry, blob, blob_ref);
diesel::allow_tables_to_appear_in_same_query!(sync_client, mutation_log);
