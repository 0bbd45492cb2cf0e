import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(?:html|js|css|svg|json|webmanifest|txt)$/;
const LIST = "__PRECACHE__";
const HASH = "__BUILD__";

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

/** Writes the list of shell files, and one hash over their contents, into the service worker. */
export function precache(): Plugin {
  let publicDir = "";
  return {
    name: "dutyboard-precache",
    apply: "build",
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const worker = bundle["sw.js"];
        if (worker?.type !== "chunk") return this.error("sw.js is missing from the build");
        if (worker.imports.length > 0) return this.error("sw.ts must not share chunks with the app");
        const files = new Map<string, string | Uint8Array>();
        for (const [name, file] of Object.entries(bundle)) {
          if (name !== "sw.js") files.set(name, file.type === "chunk" ? file.code : file.source);
        }
        for (const path of walk(publicDir)) {
          files.set(relative(publicDir, path).split(sep).join("/"), readFileSync(path));
        }
        const names = [...files.keys()].sort();
        const hash = createHash("sha256").update(worker.code);
        for (const name of names) hash.update(name).update(files.get(name) ?? "");
        const list = JSON.stringify(names.map((name) => `/${name}`));
        worker.code = worker.code
          .replace(LIST, () => list.replace(/["\\]/g, "\\$&"))
          .replace(HASH, hash.digest("hex").slice(0, 12));
      },
    },
  };
}

/** Puts `.br` and `.gz` beside every text file, for the server to hand out as they are. */
export function compress(): Plugin {
  return {
    name: "dutyboard-compress",
    apply: "build",
    writeBundle: {
      order: "post",
      sequential: true,
      handler(options) {
        if (!options.dir) return this.error("the build needs an output folder");
        for (const path of walk(options.dir)) {
          if (!TEXT.test(path)) continue;
          const bytes = readFileSync(path);
          const params = {
            [constants.BROTLI_PARAM_QUALITY]: 11,
            [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
            [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
          };
          writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
          writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        }
      },
    },
  };
}
