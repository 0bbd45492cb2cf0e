// Every crate and every npm package that ends up in the product, against deny.toml's lists. No network, no cargo-deny.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const list = (text, name) => text.match(new RegExp(`^${name} = \\[([\\s\\S]*?)^\\]`, "m"))?.[1] ?? "";
const words = (text) => [...text.matchAll(/"([^"]+)"/g)].map((match) => match[1]);
const deny = readFileSync("deny.toml", "utf8").replace(/#.*$/gm, "");
const allowed = new Set(words(list(deny, "allow")));
const banned = new Set([...list(deny, "deny").matchAll(/crate = "([^"]+)"/g)].map((match) => match[1]));
const targets = words(deny.match(/^targets = \[(.*)\]/m)?.[1] ?? "");

/** Whether an SPDX expression ("MIT OR Apache-2.0", "(A OR B) AND C", the old "MIT/Apache-2.0") allows what we do. */
function suits(expression) {
  const tokens = expression.replaceAll("/", " OR ").match(/\(|\)|[^\s()]+/g) ?? [];
  const either = () => {
    let ok = both();
    while (tokens[0] === "OR") ok = (tokens.shift(), both()) || ok;
    return ok;
  };
  const both = () => {
    let ok = one();
    while (tokens[0] === "AND") ok = (tokens.shift(), one()) && ok;
    return ok;
  };
  const one = () => {
    const token = tokens.shift();
    if (token === "(") {
      const ok = either();
      tokens.shift();
      return ok;
    }
    // An exception only ever adds permissions.
    if (tokens[0] === "WITH") tokens.splice(0, 2);
    return allowed.has(token);
  };
  return either() && tokens.length === 0;
}

// A build downloads only what its own platform needs.
execFileSync("cargo", ["fetch", "--locked"], { stdio: "inherit" });
const crates = new Map();
for (const target of targets) {
  const args = ["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform", target];
  const { packages, resolve } = JSON.parse(execFileSync("cargo", args, { maxBuffer: 1 << 28 }).toString());
  const used = new Set(resolve.nodes.map((node) => node.id));
  for (const one of packages) if (used.has(one.id)) crates.set(`crate ${one.name} ${one.version}`, one);
}
const npm = JSON.parse(readFileSync("client/package-lock.json", "utf8")).packages;

const problems = [];
for (const [name, { license, name: crate, source }] of crates) {
  if (banned.has(crate)) problems.push(`${name} is banned by deny.toml`);
  if (source && !license) problems.push(`${name} names no licence`);
  else if (license && !suits(license)) problems.push(`${name}: ${license}`);
  if (source && !source.startsWith("registry+")) problems.push(`${name} comes from ${source}`);
}
for (const [path, { license, optional }] of Object.entries(npm)) {
  if (path && !optional && !suits(license ?? "none")) problems.push(`npm ${path}: ${license}`);
}
for (const lock of ["client", "tests/e2e", "tests/conformance"]) {
  if (/"resolved"/.test(readFileSync(`${lock}/package-lock.json`, "utf8")))
    problems.push(`${lock}/package-lock.json names the host of a registry`);
}
console.log(
  `${crates.size} crates, ${Object.keys(npm).length - 1} npm packages, ${allowed.size} licences allowed`,
);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
