/** What an agent does on "Today", by the words on the screen. */
import { expect, type Locator, type Page } from "@playwright/test";
import { NOW, type Api } from "./server.mjs";

export class Today {
  constructor(readonly page: Page) {}

  /** The row of a task, in whichever section it stands. */
  row(title: string): Locator {
    return this.page.getByRole("main").getByRole("listitem").filter({ hasText: title });
  }

  /** The big button of a row: "开始", "完成", "领取". */
  async press(step: string, title: string): Promise<void> {
    await this.row(title)
      .getByRole("button", { name: `${step} ${title}`, exact: true })
      .click();
  }

  /** Opens the sheet of a task. */
  async open(title: string): Promise<Locator> {
    await this.row(title).getByRole("button", { name: title }).first().click();
    return this.page.getByRole("dialog", { name: title });
  }

  /** Unfolds the finished tasks, as soon as there is one. */
  async showFinished(): Promise<void> {
    await this.page.getByText(/^已结束 \d+ 项$/).click();
  }

  async skip(title: string, reason: string): Promise<void> {
    const sheet = await this.open(title);
    await sheet.getByRole("button", { name: "跳过" }).click();
    const form = this.page.getByRole("dialog", { name: "为什么跳过？" });
    await form.getByRole("radio", { name: "其他原因" }).check();
    await form.getByRole("textbox", { name: "写下原因" }).fill(reason);
    await form.getByRole("button", { name: "确认跳过" }).click();
    await expect(form).toBeHidden();
  }

  async note(title: string, text: string): Promise<void> {
    const sheet = await this.open(title);
    await sheet.getByRole("textbox", { name: "写备注" }).fill(text);
    await sheet.getByRole("button", { name: "添加备注" }).click();
    await expect(sheet.getByText("备注已存在本机")).toBeVisible();
    await expect(sheet.getByRole("listitem").filter({ hasText: text })).toBeVisible();
    await this.page.keyboard.press("Escape");
    await expect(sheet).toBeHidden();
  }

  async hand(title: string, name: string): Promise<void> {
    const sheet = await this.open(title);
    await sheet.getByRole("button", { name: "转交" }).click();
    const form = this.page.getByRole("dialog", { name: "转交给谁？" });
    await form.getByRole("radio", { name }).check();
    await form.getByRole("button", { name: `转交给${name}` }).click();
    await expect(this.row(title)).toHaveCount(0);
  }

  /** Takes back the last step from its message. */
  async undo(title: string): Promise<void> {
    const toast = this.page.getByRole("status").locator("div").filter({ hasText: title }).last();
    await toast.getByRole("button", { name: "撤销" }).click();
  }

  /** A note of the message that says what was just done. */
  async said(text: string): Promise<void> {
    await expect(this.page.getByText(text)).toBeVisible();
  }
}

export interface Task {
  id: string;
  title: string;
}

/** Tasks of one person today that nobody has touched and that are not late, earliest first. */
export async function untouched(person: Api): Promise<[Task, Task, Task, Task]> {
  const now = Date.parse(`${NOW}+08:00`) + 60_000;
  const day = NOW.slice(0, 10);
  const mine = (await person.boxes()).filter((box) => box.assignee_id === person.user.id && box.day === day);
  const boxes = mine.filter((box) => box.state === "todo" && (box.due_at ?? Infinity) > now);
  boxes.sort((a, b) => (a.start_at ?? a.due_at ?? Infinity) - (b.start_at ?? b.due_at ?? Infinity));
  const tasks = boxes.map((box): Task => ({ id: box.id, title: box.title.zh }));
  if (tasks.length < 4) throw new Error(`${person.user.name} has only ${tasks.length} open tasks`);
  return tasks as [Task, Task, Task, Task];
}

/** The commands a task has seen since it was made, oldest first. */
export async function told(supervisor: Api, id: string): Promise<string[]> {
  const entries = await supervisor.history("box", id);
  return entries
    .map((entry: { command: string }) => entry.command)
    .reverse()
    .slice(1);
}
