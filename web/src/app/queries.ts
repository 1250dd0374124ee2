// What is asked, and what follows when it fails.
import { QueryCache, QueryClient, type Query } from "@tanstack/react-query";
import { toApiError } from "../api/errors";

/** Nobody answers, or nobody yet: it is not the question that is wrong. */
function isAway(error: unknown): boolean {
  const { status } = toApiError(error);
  return status === 0 || (status >= 502 && status <= 504);
}

const kAgainMs = 5_000;

/** Asks again for what is shown as failed, until there is an answer. */
function askAgainLater(query: Query<unknown, unknown>): void {
  setTimeout(() => {
    if (query.isActive() && query.state.status === "error" && query.state.fetchStatus === "idle")
      query.fetch().catch(() => undefined);
  }, kAgainMs);
}

/** `onRefused`: the login is over, as the answer to any question but who one is. */
export function makeQueries(onRefused: (query: Query<unknown, unknown>) => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (toApiError(error).status === 401) onRefused(query);
        else if (isAway(error)) askAgainLater(query);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: false,
        // What is refused stays refused; who is not there may come back.
        retry: (count, error) => isAway(error) && count < 2,
      },
    },
  });
}
