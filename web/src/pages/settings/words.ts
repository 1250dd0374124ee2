/** "JBSWY3DP EHPK…" in groups of four: what is typed into an authenticator by hand. */
export function inGroups(secret: string): string {
  return secret.replace(/\s/g, "").replace(/(.{4})(?=.)/g, "$1 ");
}

/** What an SVG path fills: a square for each dark module, in rows, with a margin of four as the standard asks. */
export const kQrMargin = 4;
export function qrPath(modules: readonly (readonly boolean[])[]): string {
  let path = "";
  modules.forEach((row, y) => {
    let x = 0;
    while (x < row.length) {
      if (!row[x]) {
        ++x;
        continue;
      }
      let end = x;
      while (row[end]) ++end;
      path += `M${x + kQrMargin} ${y + kQrMargin}h${end - x}v1h-${end - x}z`;
      x = end;
    }
  });
  return path;
}

/** The file of recovery codes that one downloads. */
export function recoveryText(username: string, codes: readonly string[]): string {
  return [
    `Recovery codes of ${username} for Argosy.`,
    "Each logs in once in place of a code of the authenticator. Keep them where nobody else reads them.",
    "",
    ...codes,
    "",
  ].join("\n");
}

export type KeyState = "good" | "revoked" | "expired";

export function stateOfKey(key: { revoked_at: string | null; expires_at: string | null }, now: number): KeyState {
  if (key.revoked_at !== null) return "revoked";
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? "expired" : "good";
}
