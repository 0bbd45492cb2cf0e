/** What a supervisor does to a box on the board; each can be taken back from its toast. */
import { t, text } from "../core/i18n";
import type { Box, Person, Quadrant } from "../gen/api";
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
