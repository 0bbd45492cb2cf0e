/** Another build of the same web app, as a later release would be: other script, other hashes, other service worker. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CLIENT = fileURLToPath(new URL("../../../client/", import.meta.url));

let made: Promise<string> | undefined;

/** The folder of the build, made at the first call. It says `data-build="next"` on the page. */
export function nextBuild(): Promise<string> {
  made ??= build();
  return made;
}

async function build(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "dutyboard-next-"));
  // The client's own Vite, whose types are not installed here.
  const vite = (await import(join(CLIENT, "node_modules/vite/dist/node/index.js"))) as {
    build(options: object): Promise<unknown>;
  };
  const mark = {
    name: "next-build",
    transform: (code: string, id: string) =>
      id.endsWith("/src/main.ts") ? `document.documentElement.dataset.build = "next";\n${code}` : undefined,
  };
  const output = { outDir: folder, emptyOutDir: true };
  await vite.build({ root: CLIENT, logLevel: "error", build: output, plugins: [mark] });
  return folder;
}
