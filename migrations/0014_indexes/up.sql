-- Rows are asked for in the order of their ids. An index that does not end with the id makes SQLite walk the primary key instead:
-- every row of the workspace.
DROP INDEX box_by_day;
DROP INDEX box_by_state;
DROP INDEX customer_by_merged;
DROP INDEX callback_by_customer;
DROP INDEX callback_by_state;
CREATE INDEX box_by_day ON board_box (workspace_id, team_id, day, id);
CREATE INDEX box_by_state ON board_box (workspace_id, team_id, state, day, id);
CREATE INDEX box_by_assignee ON board_box (workspace_id, assignee_id, day, id);
CREATE INDEX box_by_age ON board_box (workspace_id, archived, day);
CREATE INDEX customer_by_merged ON customer (workspace_id, merged_into, id) WHERE merged_into IS NOT NULL;
CREATE INDEX callback_by_customer ON callback (workspace_id, customer_id, id);
CREATE INDEX callback_by_state ON callback (workspace_id, state, team_id, id);
CREATE INDEX callback_by_age ON callback (workspace_id, archived, closed_at);
CREATE INDEX callback_shown ON callback (workspace_id, archived, id);
