import { mount } from "svelte";
import App from "./App.svelte";
import "./tokens.css";
import "./controls.css";
import "./app.css";
import { startClock } from "./lib/clock.svelte";
import { catchInstallOffer } from "./lib/install.svelte";
import { startLanguage } from "./lib/prefs.svelte";
import { startRouter } from "./lib/router.svelte";
import { startSession } from "./lib/session.svelte";
import { startUpdates } from "./lib/update";

catchInstallOffer();
startRouter();
startClock();
startSession();
void startUpdates();

// The shell stands before the rows are read from disk.
void startLanguage().then(() => {
  const target = document.getElementById("app");
  if (target) mount(App, { target });
});
