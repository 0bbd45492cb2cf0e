import type { zh } from "./zh";

export const en: Record<keyof typeof zh, string> = {
  "packs.title": "Task packs",
  "packs.lead":
    "While a pack is on, its tasks are made every day from the roster and given to whoever is on shift. Switched off, no new ones are made; those that exist stay.",
  "packs.on": "On",
  "packs.off": "Off",
  "packs.switch": "Task pack on: {name}",
  "packs.count": "{n} tasks",
  "packs.show": "See the tasks",
  "packs.switched_on": "“{name}” is on",
  "packs.switched_off": "“{name}” is off",
  "packs.everyone": "All agents",
  "packs.empty": "No task packs yet",
  "packs.empty_text": "They come with the server and appear once it has been reached.",
  "packs.loading": "Loading the task packs",
};
