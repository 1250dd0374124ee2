// Who is logged in stands in cookies that no script can read; only the token against forged requests is ours to send.
// A refresh token is good once: two tabs that used the same one would end the session, so that they take turns.

const kRoot = "/api/v1";

export function csrfToken(cookies: string = document.cookie): string {
  return /(?:^|;\s*)(?:__Host-)?argosy_csrf=([^;]+)/.exec(cookies)?.[1] ?? "";
}

async function inTurns<T>(work: () => Promise<T>): Promise<T> {
  // Absent where the page does not come over TLS or from this machine.
  if (!("locks" in navigator)) return work();
  return navigator.locks.request("argosy-refresh", work);
}

let refreshing: Promise<boolean> | null = null;

async function refreshOnce(): Promise<boolean> {
  const before = csrfToken();
  return inTurns(async () => {
    const now = csrfToken();
    if (now === "") return false;
    if (now !== before) return true; // another tab was first
    const answer = await fetch(`${kRoot}/auth/refresh`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": now },
      body: "{}",
    });
    return answer.ok;
  });
}

/** New cookies for old ones; false: log in again. Throws when Argosy cannot be reached. */
export function refresh(): Promise<boolean> {
  refreshing ??= refreshOnce().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

const kNotRefreshed = ["/auth/login", "/auth/refresh", "/auth/logout"];

/** fetch, with the token for what changes something; after 401 once more with new cookies. */
export async function sessionFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const send = (each: Request) => {
    if (each.method !== "GET" && each.method !== "HEAD") each.headers.set("X-CSRF-Token", csrfToken());
    return fetch(each);
  };
  const answer = await send(request);
  if (answer.status !== 401 || kNotRefreshed.some((path) => request.url.endsWith(path))) return answer;
  return (await refresh()) ? send(again) : answer;
}
