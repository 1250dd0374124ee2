import type { components } from "../../api/schema";

type Change = components["schemas"]["protection_change"];

/** Done, or waiting for another admin: both are answers, and differ much. */
export function tellChange(change: Change, tell: (text: string, tone?: "good" | "bad" | "plain") => void): void {
  if (change.done) tell(`Done: ${change.what}`);
  else tell(`Not yet: ${change.what}. Another admin has to approve it (approval ${change.approval_id})`, "plain");
}
