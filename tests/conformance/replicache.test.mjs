/**
 * The npm `replicache` client against the real server: nobody here wrote it, so it knows nothing of our mistakes.
 * Runs on SQLite, and on Postgres when DUTYBOARD_TEST_PG names a cluster (see tests/postgres.sh).
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Server } from "../e2e/kit/server.mjs";
import { Device, newId, until } from "./device.mjs";
import { ownDatabase } from "./postgres.mjs";
import { Proxy } from "./proxy.mjs";

const engines = { SQLite: async () => undefined };
if (process.env["DUTYBOARD_TEST_PG"]) engines["Postgres"] = ownDatabase;

for (const [engine, database] of Object.entries(engines)) {
  describe(`npm replicache on ${engine}`, () => {
    /** @type {Server} */ let server;
    /** @type {Proxy} */ let proxy;
    /** @type {import("../e2e/kit/server.mjs").Api} */ let li;
    /** @type {import("../e2e/kit/server.mjs").Api} */ let zhou;
    /** @type {Device[]} */ const devices = [];
    /** @type {{url: string, drop: () => void} | undefined} */ let own;

    before(async () => {
      own = await database();
      server = await Server.start({ databaseUrl: own?.url });
      proxy = new Proxy(server.url);
      await proxy.start();
      li = await server.as("li");
      zhou = await server.as("zhou");
    });
    after(async () => {
      for (const device of devices) await device.close();
      await proxy?.close();
      await server?.close();
      own?.drop();
    });

    const device = async (/** @type {import("../e2e/kit/server.mjs").Api} */ person) => {
      const made = new Device(proxy.url, person);
      devices.push(made);
      await made.ready();
      return made;
    };
    /** A task of Li's own, so that no test depends on what another has done. */
    const task = async (/** @type {string} */ title) => {
      const id = newId();
      const day = "2026-03-03";
      const none = { start_at: null, end_at: null, due_at: null };
      const args = { id, day, title, quadrant: "Q2", kind: "anytime", ...none, assignee_id: li.user.id };
      assert.equal((await li.command("box.create", args)).status, 200);
      return id;
    };
    /** The names of the commands that were applied to a row, oldest first. */
    const told = async (/** @type {string} */ id) =>
      (await zhou.history("box", id)).map((entry) => entry.command).reverse();

    test("what is queued without a network arrives in order, once", async () => {
      const id = await task("离线队列");
      const phone = await device(li);
      await until(() => phone.box(id));
      proxy.down = true;
      await phone.rep.mutate["box.start"]({ id });
      await phone.rep.mutate["box.note"]({ id, note_id: newId(), text: "第一条" });
      await phone.rep.mutate["box.note"]({ id, note_id: newId(), text: "第二条" });
      await phone.rep.mutate["box.finish"]({ id });
      assert.equal((await phone.pending()).length, 4);
      assert.equal((await phone.box(id)).state, "done", "shown at once");
      proxy.down = false;
      await until(async () => (await phone.pending()).length === 0);
      const box = await phone.box(id);
      assert.equal(box.state, "done");
      assert.deepEqual(
        box.notes.map((note) => note.text),
        ["第一条", "第二条"],
      );
      assert.deepEqual(await told(id), ["box.create", "box.start", "box.note", "box.note", "box.finish"]);
    });

    test("lost replies repeat nothing", async () => {
      const id = await task("回复丢失");
      const phone = await device(li);
      await until(() => phone.box(id));
      proxy.sent.clear();
      proxy.loseReplies = 3;
      for (const text of ["甲", "乙", "丙"]) {
        await phone.rep.mutate["box.note"]({ id, note_id: newId(), text });
      }
      await until(async () => proxy.loseReplies === 0 && (await phone.pending()).length === 0);
      assert.ok(Math.max(...proxy.sent.values()) >= 3, "the same mutation was sent again after each loss");
      assert.deepEqual(await told(id), ["box.create", "box.note", "box.note", "box.note"]);
      assert.equal((await phone.box(id)).notes.length, 3);
    });

    test("a push that arrives twice at the same moment acts once", async () => {
      const id = await task("重复送达");
      const phone = await device(li);
      await until(() => phone.box(id));
      proxy.twice = true;
      await phone.rep.mutate["box.start"]({ id });
      await phone.rep.mutate["box.note"]({ id, note_id: newId(), text: "一次" });
      await until(async () => (await phone.pending()).length === 0);
      proxy.twice = false;
      assert.deepEqual(await told(id), ["box.create", "box.start", "box.note"]);
    });

    test("a refused mutation is answered with a reject row and blocks nobody behind it", async () => {
      const id = await task("被拒绝");
      const phone = await device(li);
      await until(() => phone.box(id));
      const gone = newId();
      await phone.rep.mutate["box.start"]({ id: gone });
      await phone.rep.mutate["no.such.command"]({ id });
      await phone.rep.mutate["box.start"]({ id });
      await until(async () => (await phone.pending()).length === 0);
      const rejects = await until(async () => {
        const found = (await phone.all("reject/")).filter((row) => [gone, id].includes(row.args.id));
        return found.length === 2 ? found : null;
      });
      assert.deepEqual(rejects.map((row) => [row.name, row.code]).sort(), [
        ["box.start", "gone"],
        ["no.such.command", "unknown_command"],
      ]);
      assert.equal((await phone.box(id)).state, "doing");
      await phone.rep.mutate["reject.discard"]({ uid: rejects[0].id });
      await until(async () => !(await phone.all("reject/")).some((row) => row.id === rejects[0].id));
    });

    test("two devices of one person and the supervisor's converge", async () => {
      const id = await task("两台设备");
      const phone = await device(li);
      const tablet = await device(li);
      const desk = await device(zhou);
      for (const one of [phone, tablet, desk]) await until(() => one.box(id));
      await Promise.all([
        phone.rep.mutate["box.note"]({ id, note_id: newId(), text: "手机" }),
        tablet.rep.mutate["box.note"]({ id, note_id: newId(), text: "平板" }),
        desk.rep.mutate["box.quadrant"]({ id, quadrant: "Q1" }),
      ]);
      await until(async () => (await told(id)).length === 4);
      for (const one of [phone, tablet, desk]) {
        await until(async () => {
          await one.rep.pull();
          const box = await one.box(id);
          return box?.notes.length === 2 && box.quadrant === "Q1" && (await one.pending()).length === 0;
        });
      }
      assert.deepEqual(await phone.view(), await tablet.view(), "one person, one view");
      assert.deepEqual(await phone.box(id), await desk.box(id));
      const fresh = await device(li);
      assert.deepEqual(await fresh.view(), await phone.view(), "deltas add up to a fresh snapshot");
    });

    test("a task that is handed on leaves one phone and appears on the other", async () => {
      const id = await task("转交");
      const phone = await device(li);
      const wang = await server.as("wang");
      const other = await device(wang);
      await until(() => phone.box(id));
      await phone.rep.mutate["box.hand"]({ id, to: wang.user.id });
      await until(async () => (await other.rep.pull(), other.box(id)));
      await until(async () => (await phone.rep.pull(), !(await phone.box(id))));
    });
  });
}
