// Known weaknesses of npm packages, as the registry tells them. What people run must have none; tools of the tests are named only. A database
// that cannot be reached is no failure: the part says so.
import { spawnSync } from "node:child_process";

let failed = false;
for (const [folder, shipped] of [
  ["client", true],
  ["tests/e2e", false],
  ["tests/conformance", false],
]) {
  const { stdout } = spawnSync("npm", ["audit", "--json", "--package-lock-only"], {
    cwd: folder,
    encoding: "utf8",
  });
  let report = {};
  try {
    report = JSON.parse(stdout);
  } catch {
    // No answer at all: the same as one that is no report.
  }
  if (report.auditReportVersion === undefined) {
    console.log(
      `${folder}: LEFT OUT, the registry's audit cannot be reached (${report.message ?? "no answer"})`,
    );
    continue;
  }
  const found = Object.values(report.vulnerabilities);
  console.log(`${folder}: ${found.length} packages with known weaknesses`);
  for (const { name, severity, range } of found) console.log(`  ${severity}: ${name} ${range}`);
  failed ||= shipped && found.length > 0;
}
process.exit(failed ? 1 : 0);
