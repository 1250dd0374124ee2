// Who is logged in, for the pages.
import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, type ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { api, ask } from "../api/client";
import { toApiError } from "../api/errors";
import type { Me } from "../api/types";
import { Failure } from "../ui/panel";

const MeContext = createContext<Me | null>(null);

export const kMeKey = ["me"] as const;
/** Set from a login by a one-time password until another one is chosen. */
const kOnceMark = "argosy-password-is-once";

export function markOncePassword(isOnce: boolean): void {
  if (isOnce) sessionStorage.setItem(kOnceMark, "1");
  else sessionStorage.removeItem(kOnceMark);
}
export function hasOncePassword(): boolean {
  return sessionStorage.getItem(kOnceMark) !== null;
}

/** The session is over, here or at the server: asks again who one is, which leads to the login. */
export function endSession(queries: QueryClient): void {
  void queries.resetQueries({ queryKey: kMeKey });
}

/** Lets in who is logged in; others go to the login, and from there back. */
export function Guard({ children }: { children: ReactNode }) {
  const here = useLocation();
  const me = useQuery({ queryKey: kMeKey, queryFn: () => ask(api.GET("/auth/me")), staleTime: 60_000, retry: false });
  if (me.data) {
    if (hasOncePassword() && here.pathname !== "/password") return <Navigate to="/password" replace />;
    return <MeContext value={me.data}>{children}</MeContext>;
  }
  if (!me.isError) return null;
  if (toApiError(me.error).status === 401)
    return <Navigate to="/login" replace state={{ from: here.pathname + here.search }} />;
  return <Failure error={me.error} retry={() => void me.refetch()} />;
}

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe outside of Guard");
  return me;
}

/** Viewers look, and change nothing. */
export function useMayTrade(): boolean {
  return useMe().role !== "viewer";
}

export function useLogout(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    // Whatever the answer: the page forgets all it has read.
    await ask(api.POST("/auth/logout")).catch(() => undefined);
    markOncePassword(false);
    queries.clear();
    location.assign("/login");
  };
}
