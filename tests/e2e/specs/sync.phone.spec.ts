/** Several screens of one team: how fast a change travels, and two tabs of one person. */
import { expect, installed, measured, status, test } from "../kit/fixtures.ts";
import { Today, told, untouched } from "../kit/today.ts";

test("a change shows on another open phone", async ({ enter, server }) => {
  const [first, second] = await untouched(await server.as("li"));
  const phone = await enter("li");
  const desk = await enter("zhou");
  await expect(desk.getByRole("button", { name: "进行中 0" })).toBeVisible();
  const took: number[] = [];
  for (const [n, task] of [first, second].entries()) {
    const began = Date.now();
    await new Today(phone).press("开始", task.title);
    await desk.getByRole("button", { name: `进行中 ${n + 1}` }).waitFor();
    took.push(Date.now() - began);
  }
  measured(`a change took ${took.join(" and ")} ms to another phone`);
  // A phone that is not told asks once a minute; how fast it is told differs by machine.
  expect(Math.min(...took)).toBeLessThan(15_000);
});

test("two tabs share one queue", async ({ enter, server }) => {
  const zhou = await server.as("zhou");
  const [first, second, third] = await untouched(await server.as("li"));
  const one = await enter("li");
  await installed(one);
  const two = await one.context().newPage();
  await two.goto("/#/today");
  await expect(status(two)).toContainText("已同步");
  await server.stop();

  await new Today(one).press("开始", first.title);
  await expect(new Today(two).row(first.title)).toContainText("进行中");
  await new Today(two).press("开始", second.title);
  await expect(new Today(one).row(second.title)).toContainText("进行中");
  await new Today(two).note(third.title, "第二个标签页");
  for (const page of [one, two]) await expect(status(page)).toContainText("3 条修改仅在本机");

  // The tab that talks to the server goes away with the changes still here; the other takes over.
  await one.close();
  await server.start();
  await expect(status(two)).toContainText("已同步", { timeout: 30_000 });
  expect(await told(zhou, first.id)).toEqual(["box.start"]);
  expect(await told(zhou, second.id)).toEqual(["box.start"]);
  expect(await told(zhou, third.id)).toEqual(["box.note"]);
});
