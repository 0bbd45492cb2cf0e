/** What a supervisor does to a box on the board; each can be taken back from its toast. */
import { t, text } from "../core/i18n";
import type { Box, BoxEdit, Person, Quadrant } from "../gen/api";
import { save } from "../team/save";

export async function assign(box: Box, to: Person | null): Promise<void> {
  const before = box.assignee_id;
  if (before === (to?.id ?? null)) return;
  const title = text(box.title);
  await save(
    "box.assign",
    { id: box.id, to: to?.id ?? null },
    {
      message: to ? t("board.assigned", { title, name: to.name }) : t("board.unassign_done", { title }),
      undo: () => void save("box.assign", { id: box.id, to: before }),
    },
  );
}

export async function setQuadrant(box: Box, quadrant: Quadrant): Promise<void> {
  const before = box.quadrant;
  if (before === quadrant) return;
  await save(
    "box.quadrant",
    { id: box.id, quadrant },
    {
      message: t("board.moved", { title: text(box.title), quadrant: t(`board.q.${quadrant}`) }),
      undo: () => void save("box.quadrant", { id: box.id, quadrant: before }),
    },
  );
}

/** Changes words or times; true when there was nothing to change, too. */
export async function edit(box: Box, changes: Omit<BoxEdit, "id">): Promise<boolean> {
  if (!changes.title && !changes.times) return true;
  const { kind, start_at, end_at, due_at } = box;
  const before = { title: box.title, times: { kind, start_at, end_at, due_at } };
  return save(
    "box.edit",
    { id: box.id, ...changes },
    {
      message: t("board.edited", { title: text(changes.title ?? box.title) }),
      undo: () =>
        void save("box.edit", {
          id: box.id,
          ...(changes.title ? { title: before.title } : {}),
          ...(changes.times ? { times: before.times } : {}),
        }),
    },
  );
}
