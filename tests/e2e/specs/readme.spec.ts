/** The pictures of the README: SCREENSHOTS=1 tests/run e2e */
import { fileURLToPath } from "node:url";
import { expect, test } from "../kit/fixtures.ts";
import { untouched } from "../kit/today.ts";

const FOLDER = fileURLToPath(new URL("../../../docs/screenshots/", import.meta.url));

test("picture", async ({ enter, server }, info) => {
  const isPhone = info.project.name === "phone";
  // A morning under way: everybody has taken over, some are at work.
  for (const login of ["zhou", "li", "wang", "chen", "zhao", "sun"]) {
    const person = await server.as(login);
    const now = Date.parse("2026-03-03T09:05+08:00");
    for (const box of await person.boxes()) {
      if (box.assignee_id === person.user.id && box.end_at !== null && box.end_at <= now)
        await person.command("box.finish", { id: box.id, at: box.end_at - 60_000 });
    }
    await person.command("box.start", { id: (await untouched(person))[0].id });
  }
  const page = await enter(isPhone ? "li" : "zhou");
  await expect(page.getByText(/进行中/).first()).toBeVisible();
  await page.screenshot({ path: `${FOLDER}${isPhone ? "today-phone" : "board-desktop"}.png`, scale: "css" });
});
