// Parts of the page that are loaded when they are first shown. What cannot be loaded because Argosy is away comes when it
// is back; what it has no longer, since it was updated, comes by loading the page again.
import { lazy, type ComponentType, type LazyExoticComponent } from "react";

export interface PartPorts {
  /** Whether Argosy answers. */
  isThere: () => Promise<boolean>;
  wait: (milliseconds: number) => Promise<void>;
  /** Loads the page again; false: it was done just now, and did not help. */
  reload: () => boolean;
  /** A stylesheet that failed to load would pass for one that is there. */
  forgetFailedStyles: () => void;
}

const kPauseMs = 1_000;
const kReloadedKey = "argosy-reloaded-at";
const kReloadEveryMs = 60_000;

const kBrowser: PartPorts = {
  isThere: () =>
    fetch("/", { method: "HEAD", cache: "no-store" }).then(
      (answer) => answer.ok,
      () => false,
    ),
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  reload: () => {
    if (Date.now() - Number(sessionStorage.getItem(kReloadedKey)) < kReloadEveryMs) return false;
    sessionStorage.setItem(kReloadedKey, String(Date.now()));
    location.reload();
    return true;
  },
  forgetFailedStyles: () => {
    for (const link of document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]"))
      if (link.sheet === null) link.remove();
  },
};

export async function loadPart<Part>(load: () => Promise<Part>, ports: PartPorts = kBrowser): Promise<Part> {
  for (let isSecond = false; ; isSecond = true) {
    try {
      return await load();
    } catch (error) {
      const isThere = await ports.isThere();
      if (isSecond && isThere) {
        if (!ports.reload()) throw error;
        return new Promise(() => undefined);
      }
      if (!isThere)
        do await ports.wait(kPauseMs);
        while (!(await ports.isThere()));
      ports.forgetFailedStyles();
    }
  }
}

// Any: what properties it takes is the part's own affair.
export function lazyPart<Part extends ComponentType<any>>(
  load: () => Promise<{ default: Part }>,
): LazyExoticComponent<Part> {
  return lazy(() => loadPart(load));
}
