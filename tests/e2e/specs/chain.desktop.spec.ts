/** A whole chain on the server's clock: from "the buyer is offline" through messenger, mail and phone to "return the parcel". */
import { expect, test } from "../kit/fixtures.ts";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

const BUYER = "糖糖妈咪";

/** Mails to buyers that have left, as the demo keeps them. */
async function mailsTo(data: string, address: string): Promise<string[]> {
  const folder = join(data, "outbox");
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
  const mails = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8"))),
  );
  return mails.filter((mail) => mail.to === address).map((mail) => mail.text as string);
}

test("a buyer who never answers is written to, mailed, called and in the end decided about", async ({
  server,
  enter,
}) => {
  test.setTimeout(300_000);
  const zhou = await enter("zhou");
  await zhou.goto("/#/outreach");
  await zhou.getByRole("link", { name: BUYER }).first().click();
  await expect(zhou.getByRole("heading", { name: BUYER, level: 1 })).toBeVisible();
  const address = zhou.url();

  /** The supervisor takes the open try over, and says on its card how it went. */
  const say = async (result: string) => {
    const card = zhou.getByRole("listitem").filter({ has: zhou.getByRole("link", { name: BUYER }) });
    const doing = card.getByRole("button", { name: /接手|记录结果/ }).first();
    await expect(doing).toBeVisible({ timeout: 90_000 });
    if ((await doing.textContent())?.includes("接手")) await doing.click();
    await card.getByRole("button", { name: "记录结果" }).click();
    await zhou.getByRole("dialog").getByRole("button", { name: result, exact: true }).click();
    await zhou.getByRole("dialog").getByRole("button", { name: "保存结果" }).click();
    await expect(zhou.getByRole("dialog")).toBeHidden();
  };
  /** Time passes while the server is down; it comes back and does what has become due. */
  const later = async (now: string) => {
    // What was said is with the server before it goes: otherwise it comes when the browser tries again, and a minute's tick later.
    await expect(zhou.getByText("已同步")).toBeVisible();
    await server.quit();
    await server.start({ now });
    await zhou.goto(address);
    await zhou.reload();
  };

  await say("已发出");
  await expect(zhou.getByText("等买家")).toBeVisible();
  await later("2026-03-03T11:20");
  await expect
    .poll(() => mailsTo(server.data, "buyer6666@example.com").then((mails) => mails.length), {
      timeout: 150_000,
    })
    .toBe(1);

  await later("2026-03-04T18:05");
  await say("没接");
  await later("2026-03-04T20:15");
  await say("没接");

  await later("2026-03-07T12:00");
  await expect(zhou.getByRole("heading", { name: BUYER, level: 1 })).toBeVisible();
  const back = zhou.getByRole("button", { name: "7 天内退回" });
  await expect(back).toBeVisible({ timeout: 90_000 });
  await back.click();
  await zhou.getByRole("dialog").getByRole("button", { name: "7 天内退回" }).click();
  await expect(zhou.getByText("退回中")).toBeVisible();
  expect(await mailsTo(server.data, "buyer6666@example.com")).toHaveLength(1);
});
