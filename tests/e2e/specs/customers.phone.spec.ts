/** A morning of callbacks without a network: the number is on the phone, results and promises wait there, and arrive once. */
import { expect, installed, NOW, status, test, type Api } from "../kit/fixtures.ts";

const DEER = "小鹿爱喝茶";
const HILL = "山月不知心";

/** An open callback of the deer: the planner's, if it has come by already. */
async function callFor(li: Api): Promise<string> {
  const rows = [...(await li.rows()).values()];
  const deer = rows.find((row) => row.nick === DEER);
  const planned = rows.find((row) => row.customer_id === deer.id && row.state === "open");
  if (planned) return planned.id;
  const made = {
    id: deer.id.replace(/.$/, (last: string) => (last === "0" ? "1" : "0")),
    customer_id: deer.id,
  };
  const due_at = Date.parse(`${NOW}+08:00`) + 5 * 60_000;
  const words = { channel: "phone", about: "", scene: "回访" };
  expect((await li.command("callback.make", { ...made, due_at, ...words })).status).toBe(200);
  return made.id;
}

test("calls, results and promises in flight mode arrive once", async ({ enter, server }) => {
  const id = await callFor(await server.as("li"));
  const page = await enter("li");
  await installed(page);
  // The pages of this room are fetched with the app, so that they open without a network.
  await page.goto("/#/callbacks");
  await expect(page.getByRole("heading", { name: "回访", level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: HILL }).first()).toBeVisible();
  await server.stop();

  // Found by a piece of the number that only those who are to call may read.
  await page.getByRole("main").getByRole("link", { name: "客户" }).click();
  await page.getByRole("searchbox", { name: /搜昵称/ }).fill("00001111");
  await page.getByRole("link", { name: DEER }).click();
  await expect(page.getByRole("heading", { name: DEER, level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: /打电话/ })).toHaveAttribute("href", "tel:13800001111");

  await page.getByRole("button", { name: `记录结果 ${DEER}` }).click();
  const unanswered = page.getByRole("dialog", { name: `「${DEER}」：结果如何？` });
  await unanswered.getByRole("button", { name: "没接" }).click();
  await expect(unanswered.getByText(/系统会安排在 .+ 再试/)).toBeVisible();
  await unanswered.getByRole("button", { name: "保存结果" }).click();
  await expect(unanswered).toBeHidden();
  await expect(page.getByText("已试 1 次")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "没接" }).first()).toBeVisible();

  // Two taps: the buyer on the screen is the one who is meant.
  await page.getByRole("banner").getByRole("button", { name: "约回访" }).click();
  const when = page.getByRole("dialog", { name: `约「${DEER}」什么时候？` });
  await when.getByRole("button", { name: "16:30", exact: true }).click();
  await expect(page.getByText(`已约 16:30 回访「${DEER}」`)).toBeVisible();

  await page.goto("/#/callbacks");
  const promise = page.getByRole("listitem").filter({ has: page.getByRole("link", { name: HILL }) });
  const prepare = promise.getByRole("button", { name: `准备打电话 ${HILL}` });
  const call = promise.getByRole("link", { name: /打电话/ });
  await expect(prepare.or(call)).toBeVisible();
  if (await prepare.isVisible()) await prepare.click();
  await expect(call).toHaveAttribute("href", "tel:13800002222");
  await promise.getByRole("button", { name: `记录结果 ${HILL}` }).click();
  const answered = page.getByRole("dialog", { name: `「${HILL}」：结果如何？` });
  await answered.getByRole("button", { name: "联系上了" }).click();
  await answered.getByRole("textbox", { name: "说了什么" }).fill("换成 L 码，今天发");
  await answered.getByRole("button", { name: "保存结果" }).click();
  await expect(answered).toBeHidden();
  await page.getByText(/^最近结束 \d+ 项$/).click();
  await expect(page.getByRole("listitem").filter({ hasText: HILL })).toContainText("已完成 · 联系上了");
  await expect(status(page)).toContainText("3 条修改仅在本机");

  await server.start();
  await expect(status(page)).toContainText("已同步", { timeout: 30_000 });
  const li = await server.as("li");
  const rows = [...(await li.rows())];
  const named = (kind: string) => rows.filter(([key]) => key.startsWith(`${kind}/`)).map(([, row]) => row);
  const deer = named("customer").find((row) => row.nick === DEER);
  const calls = named("callback").filter((row) => row.customer_id === deer.id && row.state === "open");
  expect(deer.contacts.map((one: { result: string }) => one.result)[0]).toBe("no_answer");
  expect(deer.contacts.filter((one: { result: string }) => one.result === "no_answer")).toHaveLength(1);
  expect(calls.find((row) => row.id === id)?.attempts).toBe(1);
  expect(calls.filter((row) => row.id !== id && row.kind === "promised")).toHaveLength(1);
  const done = named("callback").filter((row) => row.state === "done" && row.result === "reached");
  expect(done).toHaveLength(1);
  expect(done[0].owner_id).toBe(li.user.id);
  const file = await li.get(`/api/v1/customers/${done[0].customer_id}`);
  expect(file.card.nick).toBe(HILL);
  expect(file.contacts.filter((one: { note: string }) => one.note === "换成 L 码，今天发")).toHaveLength(1);
});
