/** Small choices of this device, in localStorage where there is one; private windows may refuse it. */
const PREFIX = "dutyboard.";

export function storageKey(name: string): string {
  return PREFIX + name;
}

export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    // Nowhere to keep it: the choice holds until the page is closed.
  }
}
