// Light or dark, as chosen here or by the system.
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const kKey = "argosy-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function chosenTheme(): Theme {
  const stored = localStorage.getItem(kKey);
  return stored === "light" || stored === "dark" ? stored : "system";
}
export function shownTheme(): "light" | "dark" {
  const chosen = chosenTheme();
  return chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
}
/** What stands in the page: colours of charts change with those around them, not before. */
let current: "light" | "dark" = "light";
function show(): void {
  current = shownTheme();
  document.documentElement.dataset["theme"] = current;
  for (const listener of listeners) listener();
}
export function chooseTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(kKey);
  else localStorage.setItem(kKey, theme);
  show();
}
export function startTheme(): void {
  dark.addEventListener("change", show);
  show();
}
function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
/** The theme that is shown; charts are drawn anew when it changes. */
export function useShownTheme(): "light" | "dark" {
  return useSyncExternalStore(listen, () => current);
}
export function useChosenTheme(): Theme {
  return useSyncExternalStore(listen, chosenTheme);
}
