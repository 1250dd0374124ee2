import { useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useLocation, useNavigate } from "react-router";
import { api, ask } from "../api/client";
import { toApiError, type ApiError } from "../api/errors";
import { Button } from "../ui/button";
import { Failure } from "../ui/panel";
import { TextField } from "../ui/field";
import { markOncePassword } from "./auth";

export async function login(username: string, password: string, code?: string): Promise<boolean> {
  const answer = await ask(
    api.POST("/auth/login", { body: { username, password, cookies: true, ...(code && { code }) } }),
  );
  markOncePassword(answer.password_is_once === true);
  return answer.password_is_once === true;
}

export function LoginPage() {
  const queries = useQueryClient();
  const go = useNavigate();
  const from = (useLocation().state as { from?: string } | null)?.from ?? "/";
  const [error, setError] = useState<ApiError | null>(null);
  const [needsCode, setNeedsCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setError(null);
    try {
      const isOnce = await login(text("username"), text("password"), text("code").trim() || undefined);
      queries.clear();
      await go(isOnce ? "/password" : from, { replace: true });
    } catch (reason) {
      const why = toApiError(reason);
      if (why.code === "totp_required" || why.code === "totp_wrong") setNeedsCode(true);
      setError(why.code === "totp_required" ? null : why);
      setBusy(false);
    }
  };
  return (
    <main className="alone">
      <form className="panel form" onSubmit={(event) => void submit(event)}>
        <header>
          <h1 className="brand">
            <img src="/argosy.svg" alt="" width="28" height="28" />
            Argosy
          </h1>
        </header>
        <div className="content form">
          <TextField label="User name or email" name="username" autoComplete="username" required autoFocus />
          <TextField label="Password" name="password" type="password" autoComplete="current-password" required />
          {needsCode && (
            <TextField
              label="Code"
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              hint="of your authenticator, or a recovery code"
              required
              autoFocus
            />
          )}
          {error && <Failure error={error} />}
          <Button type="submit" look="primary" busy={busy}>
            Log in
          </Button>
        </div>
      </form>
    </main>
  );
}
