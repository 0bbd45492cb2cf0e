// The whole app's script, as it travels, against its budget. Usage: node size.mjs FOLDER-OF-THE-BUILD
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const BUDGET = 80 * 1024;
const [folder] = process.argv.slice(2);
const scripts = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".js.br"));
const bytes = scripts.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
console.log(
  `script of the whole app: ${(bytes / 1024).toFixed(1)} KB brotli in ${scripts.length} files, budget 80 KB`,
);
if (scripts.length === 0 || bytes > BUDGET) {
  console.error("over budget, or nothing was built");
  process.exit(1);
}
