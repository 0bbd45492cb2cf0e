import { test } from "../kit/fixtures.ts";
const agent = ["today", "week", "team", "me", "attention"];
const sup = ["board", "roster", "people", "shops", "packs", "outbox", "me", "today"];
test("look", async ({ enter }, info) => {
  test.setTimeout(300_000);
  for (const [login, views] of [["li", agent], ["zhou", sup]] as const) {
    const page = await enter(login);
    const t0 = Date.now();
    let n = 0;
    page.on("request", (r) => { if (new URL(r.url()).pathname.startsWith("/api")) console.log(Date.now()-t0, login, r.method(), r.url()); });
    page.on("requestfailed", (r) => { if (n++ < 5) console.log(Date.now()-t0, login, "failed", r.url(), r.failure()?.errorText); });
    for (const v of views) {
      console.log(Date.now()-t0, v);
      await page.goto("/#/" + v);
      await page.waitForTimeout(700);
      await page.screenshot({ path: `/tmp/e2e/shots/${info.project.name}-${login}-${v}.png`, fullPage: false });
    }
  }
});
