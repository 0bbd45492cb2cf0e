/** The server's rule for passwords. */
export const MIN_PASSWORD = 10;
/** Bounds of the setting, in hours. */
export const VIEW_HOURS = { min: 1, max: 720 };

/** Whether this browser, and so most likely the server, knows the IANA name. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}

export function isViewHours(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) >= VIEW_HOURS.min && Number(text) <= VIEW_HOURS.max;
}
