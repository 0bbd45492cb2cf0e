/** Chromium's own install dialog; other browsers have none. */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

let offered = $state.raw<InstallEvent | null>(null);

export const installer = {
  get ready(): boolean {
    return offered !== null;
  },
  /** An offer can be used once. */
  async ask(): Promise<void> {
    const event = offered;
    offered = null;
    await event?.prompt();
  },
};

/** The offer comes once, soon after the start, so it must be caught before any page is shown. */
export function catchInstallOffer(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offered = event as InstallEvent;
  });
  addEventListener("appinstalled", () => (offered = null));
}
