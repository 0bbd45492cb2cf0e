/** What an agent does to a box. Each says so when it is on disk, and can be taken back from its toast where the rules allow. */
import { t, text } from "../core/i18n";
import { newId } from "../core/ids";
import type { Box, BoxCreate, Person } from "../gen/api";
import { sync } from "../lib/data.svelte";
import { save } from "../team/save";

/** Without a network the person is told where the work is kept. `save` shows it only once it is on disk. */
const said = (message: string): string => (sync.online ? message : t("tasks.on_phone", { message }));

const id = ({ id }: Box): { id: string } => ({ id });

/** Opens a box again and brings back what it was: a start keeps its own time, a skip its reason. */
async function restore(before: Box): Promise<void> {
  if (!(await save("box.reopen", id(before)))) return;
  if (before.state === "doing") {
    await save("box.start", {
      id: before.id,
      ...(before.started_at === null ? {} : { at: before.started_at }),
    });
  } else if (before.state === "skipped" && before.skip_reason) {
    await save("box.skip", { id: before.id, reason: before.skip_reason });
  }
}

export const start = (box: Box): Promise<boolean> =>
  save("box.start", id(box), {
    message: said(t("tasks.started", { title: text(box.title) })),
    undo: () => void restore(box),
  });

export const finish = (box: Box): Promise<boolean> =>
  save("box.finish", id(box), {
    message: said(t("tasks.finished", { title: text(box.title) })),
    undo: () => void restore(box),
  });

export const skip = (box: Box, reason: string): Promise<boolean> =>
  save(
    "box.skip",
    { id: box.id, reason },
    { message: said(t("tasks.skipped", { title: text(box.title) })), undo: () => void restore(box) },
  );

export const reopen = (box: Box): Promise<boolean> =>
  save("box.reopen", id(box), { message: said(t("tasks.reopened", { title: text(box.title) })) });

/** Not undone from here: once it is somebody else's, only they can hand it back. */
export const hand = (box: Box, to: Person): Promise<boolean> =>
  save(
    "box.hand",
    { id: box.id, to: to.id },
    { message: said(t("tasks.handed", { title: text(box.title), name: to.name })) },
  );

export const take = (box: Box): Promise<boolean> =>
  save("box.take", id(box), { message: said(t("tasks.taken", { title: text(box.title) })) });

export const check = (box: Box, index: number, done: boolean): Promise<boolean> =>
  save("box.check", { id: box.id, index, done });

export const addNote = (box: Box, said: string): Promise<boolean> =>
  save("box.note", { id: box.id, note_id: newId(), text: said });

export const add = (args: BoxCreate, title: string): Promise<boolean> =>
  save("box.create", args, { message: said(t("tasks.added", { title })) });
