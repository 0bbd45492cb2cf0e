import { defineConfig, devices } from "@playwright/test";

const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// The README's pictures are written when they are asked for.
const PICTURES = process.env["SCREENSHOTS"] ? [] : [/readme\.spec\.ts$/];

export default defineConfig({
  testDir: "specs",
  outputDir: "../../target/e2e",
  workers: 1,
  forbidOnly: true,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [["list", { printSteps: false }]],
  use: {
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
    colorScheme: "light",
    screenshot: "only-on-failure",
    launchOptions: { executablePath: CHROMIUM, args: FLAGS },
  },
  // A spec runs on the screen its name says, or on both.
  projects: [
    { name: "phone", use: devices["Pixel 7"], testIgnore: [/\.desktop\.spec\.ts$/, ...PICTURES] },
    {
      name: "desktop",
      use: { ...devices["Desktop Chrome"], viewport: { width: 1440, height: 900 } },
      testIgnore: [/\.phone\.spec\.ts$/, ...PICTURES],
    },
  ],
});
