/** The browser inside WeChat: no service worker on iPhones and no installation anywhere. */
export function inWeChat(agent = navigator.userAgent): boolean {
  return agent.includes("MicroMessenger");
}

/** iPads call themselves Macs, but no Mac has a touch screen. */
export function isIos(agent = navigator.userAgent, touches = navigator.maxTouchPoints): boolean {
  return /iPhone|iPad|iPod/.test(agent) || (agent.includes("Macintosh") && touches > 1);
}

/** Opened from the home screen. */
export function isInstalled(): boolean {
  const ios = (navigator as { standalone?: boolean }).standalone === true;
  return ios || matchMedia("(display-mode: standalone)").matches;
}
