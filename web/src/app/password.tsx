// Another password. Whoever came by a one-time password comes here first.
import { useState, type FormEvent } from "react";
import { useNavigate } from "react-router";
import { api, ask } from "../api/client";
import { toApiError, type ApiError } from "../api/errors";
import { Button } from "../ui/button";
import { Failure } from "../ui/panel";
import { TextField } from "../ui/field";
import { useToasts } from "../ui/toasts";
import { hasOncePassword, markOncePassword, useMe } from "./auth";
import { login } from "./login";

export function PasswordForm({ onDone }: { onDone: () => void }) {
  const me = useMe();
  const { tell } = useToasts();
  const [error, setError] = useState<ApiError | null>(null);
  const [unlike, setUnlike] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const element = event.currentTarget;
    const form = new FormData(element);
    const text = (name: string) => String(form.get(name) ?? "");
    setUnlike(text("new") !== text("again"));
    if (text("new") !== text("again")) return;
    setBusy(true);
    setError(null);
    try {
      await ask(api.POST("/auth/password", { body: { old_password: text("old"), new_password: text("new") } }));
      markOncePassword(false);
      // The change ended all sessions, this one as well.
      try {
        await login(me.username, text("new"));
      } catch (reason) {
        // The password is changed all the same; the login asks for the code of the second factor.
        if (toApiError(reason).code !== "totp_required") throw reason;
        location.assign("/login");
        return;
      }
      element.reset();
      tell("The password is changed; other sessions have ended");
      onDone();
    } catch (reason) {
      setError(toApiError(reason));
    }
    setBusy(false);
  };
  return (
    <form className="form" onSubmit={(event) => void submit(event)}>
      <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
      <TextField label="Password until now" name="old" type="password" autoComplete="current-password" required />
      <TextField
        label="New password"
        name="new"
        type="password"
        autoComplete="new-password"
        minLength={8}
        hint="8 characters or more"
        required
      />
      <TextField
        label="New password again"
        name="again"
        type="password"
        autoComplete="new-password"
        error={unlike ? "The two are not the same" : undefined}
        required
      />
      {error && <Failure error={error} />}
      <Button type="submit" look="primary" busy={busy}>
        Change the password
      </Button>
    </form>
  );
}

export function PasswordPage() {
  const go = useNavigate();
  const [isOnce] = useState(hasOncePassword);
  return (
    <main className="alone">
      <section className="panel">
        <header>
          <h1>Choose a password</h1>
        </header>
        <div className="content stack">
          {isOnce && <p className="soft">You came by a one-time password. Choose one of your own to go on.</p>}
          <PasswordForm onDone={() => void go("/", { replace: true })} />
        </div>
      </section>
    </main>
  );
}
