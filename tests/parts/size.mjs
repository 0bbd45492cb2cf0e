// What a phone fetches in script, as it travels, before its first page works: for every page that may be the first.
// Usage: node size.mjs FOLDER, of a build made with --manifest
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const BUDGET_KB = 80;
const [folder] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(join(folder, ".vite/manifest.json"), "utf8"));
const kb = (chunks) => [...chunks].reduce((sum, key) => sum + size(manifest[key].file), 0) / 1024;
const size = (file) => statSync(join(folder, `${file}.br`)).size;

/** A chunk and all it needs at once. */
function closure(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, found);
  return found;
}

const pages = Object.keys(manifest).filter((key) => key.endsWith(".svelte") && manifest[key].isDynamicEntry);
const loads = pages.map((key) => ({ key, kb: kb(new Set([...closure("index.html"), ...closure(key)])) }));
loads.sort((a, b) => b.kb - a.kb);
for (const load of loads) console.log(`${load.kb.toFixed(1).padStart(6)} KB  ${load.key}`);
const all = Object.keys(manifest).filter((key) => manifest[key].file.endsWith(".js"));
console.log(`${kb(all).toFixed(1).padStart(6)} KB  all scripts, fetched in the background for offline use`);
if (pages.length < 10 || loads[0].kb > BUDGET_KB) {
  console.error(`the first load may weigh ${BUDGET_KB} KB`);
  process.exit(1);
}
