/**
 * The promises that must hold in every browser, for those that Playwright cannot drive: sign in, see the day, start a task,
 * start again without a server, edit, and have everything arrive once. All it asks of a driver is to open an address and to
 * run a script in the page.
 */
import assert from "node:assert/strict";
import { NOW, PASSWORD } from "./server.mjs";

/**
 * @typedef {object} Browser
 * @property {(url: string) => Promise<void>} open
 * @property {() => Promise<void>} reload
 * @property {(script: string) => Promise<unknown>} run answers the script's value
 */

/** Words and buttons as a person finds them. Put into the page before each question. */
const HELPERS = `
  const shown = (node) => node.getClientRects().length > 0;
  const name = (node) => (node.getAttribute("aria-label") || node.textContent).trim();
  const button = (words) => [...document.querySelectorAll("button")].find((one) => shown(one) && name(one).startsWith(words));
  const press = (words) => { const found = button(words); if (found) found.click(); return !!found; };
  const says = (words) => document.body.innerText.includes(words);
  const fill = (input, value) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(input, value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
`;

/** @param {Browser} browser @param {import("./server.mjs").Server} server */
export async function smoke(browser, server) {
  const ask = (/** @type {string} */ script) => browser.run(`(() => { ${HELPERS} return ${script}; })()`);
  const wait = (/** @type {string} */ script) =>
    until(() => ask(script), script).catch(async (error) => {
      const words = await browser.run("document.body.innerText");
      throw new Error(`${error.message}; the page says: ${words}`, { cause: error });
    });
  const reload = async () => {
    await browser.run(`window.isOld = true`);
    await browser.reload();
    await wait(`window.isOld === undefined`);
  };
  const li = await server.as("li");
  const zhou = await server.as("zhou");

  await browser.open(server.url);
  await wait(`document.querySelector("input[type=password]") !== null`);
  await ask(`fill(document.querySelector("input[autocomplete=username]"), "li")`);
  await ask(`fill(document.querySelector("input[type=password]"), "${PASSWORD}")`);
  // In the language of the browser until it is known who reads.
  await ask(`document.querySelector("button[type=submit]").click()`);
  await wait(`says("已同步") && document.querySelectorAll("main li").length > 3`);
  assert.ok(await ask(`says("08:30") && says("A1号位")`), "the shift is shown");

  const title = String(await ask(`name(button("开始 ")).slice(3)`));
  assert.ok(await ask(`press("开始 ${title}")`));
  await wait(`says("进行中")`);
  const mine = (await li.boxes()).filter(
    (row) => row.assignee_id === li.user.id && row.day === NOW.slice(0, 10),
  );
  const box = mine.find((row) => row.title.zh === title);
  const told = async () =>
    (await zhou.history("box", box.id))
      .map((entry) => entry.command)
      .reverse()
      .slice(1);
  await until(async () => (await told()).join() === "box.start", "the start arrives");
  // The server has it before its answer is here.
  await wait(`says("已同步")`);

  await browser.run(`navigator.serviceWorker.ready.then(() => true)`);
  await wait(`navigator.serviceWorker.controller !== null`);
  await server.stop();
  await reload();
  await wait(`says("进行中") && button("完成 ${title}") !== undefined`);
  assert.ok(await ask(`press("完成 ${title}")`));
  await wait(`says("1 条修改仅在本机")`);
  await reload();
  await wait(`says("1 条修改仅在本机") && says("已结束 1 项")`);

  await server.start();
  await wait(`says("已同步")`);
  await until(async () => (await told()).join() === "box.start,box.finish", "the rest arrives, once");
}

/** Asks again until the answer is true. @param {() => Promise<unknown>} question @param {string} words */
export async function until(question, words, limit = 60_000) {
  const end = Date.now() + limit;
  let last;
  for (;;) {
    try {
      if (await question()) return;
    } catch (error) {
      // A page that is just being replaced has no answer yet.
      last = error;
    }
    if (Date.now() > end) throw new Error(`not within ${limit / 1000} s: ${words}`, { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
