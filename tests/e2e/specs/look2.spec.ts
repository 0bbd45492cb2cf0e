import { test } from "../kit/fixtures.ts";
test("requests", async ({ enter }) => {
  const page = await enter("zhou");
  const seen = new Map<string, number>();
  const t0 = Date.now();
  page.on("request", (r) => { const k = r.method() + " " + new URL(r.url()).pathname; seen.set(k, (seen.get(k) ?? 0) + 1); });
  page.on("requestfailed", (r) => console.log(Date.now() - t0, "failed", r.url(), r.failure()?.errorText));
  page.on("response", (r) => { if (r.status() >= 400) console.log(r.status(), r.url()); });
  page.on("console", (m) => console.log(m.type(), m.text()));
  page.on("pageerror", (m) => console.log("pageerror", m.message));
  for (const v of ["board", "roster", "people"]) { await page.goto("/#/" + v); await page.waitForTimeout(2000); }
  console.log([...seen]);
});
