import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { compress, precache } from "./precache.ts";

/** Where `npm run dev` finds the server; the built client is served by the server itself. */
const server = process.env["DUTYBOARD_URL"] ?? "http://127.0.0.1:8080";

const FIRST_PAGES =
  /src\/(?:ui\/(?:Picks|Menu|Field)|lib\/toast|roster\/mine|team\/(?:save|on_now|scope|TeamPick)|board\/rules|tasks\/(?:words|rules|state|times|actions|TimesFields|Box(?:Sheet|Checklist|Facts|Notes)|Facts|HandForm|SkipForm))\b/;

export default defineConfig({
  plugins: [svelte(), precache(), compress()],
  // Under vitest, Svelte must be the browser build or `mount` does not exist.
  resolve: process.env["VITEST"] ? { conditions: ["browser"] } : {},
  server: { proxy: { "/api": server } },
  build: {
    // The Rust build script passes its own --outDir, outside this folder.
    emptyOutDir: true,
    target: "es2022",
    cssTarget: ["chrome92", "safari15.4"],
    // A style that could not be fetched is never asked for again, and its page would stand without one: all come with the first.
    cssCodeSplit: false,
    // The strict content policy allows no data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: "index.html", sw: "src/sw.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
        // What the first page of agents and of supervisors both need, in one file: each costs its headers, too.
        codeSplitting: {
          groups: [{ name: "day", test: FIRST_PAGES }],
        },
      },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts"],
    restoreMocks: true,
    // The simulations are quick, but the machine may be busy.
    testTimeout: 20_000,
  },
});
