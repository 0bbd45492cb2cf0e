import type { zh } from "./zh";

export const en: Record<keyof typeof zh, string> = {
  "packs.title": "Task packs",
  "packs.lead":
    "Switched on, the system makes these tasks every day from the roster and gives them to who is on. Switched off, untouched tasks of today and tomorrow are taken back; what somebody worked on stays.",
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
