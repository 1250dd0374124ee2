// The second factor: setting it up, and switching it off.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useState, type FormEvent } from "react";
import { api, ask } from "../../api/client";
import { toApiError, type ApiError } from "../../api/errors";
import type { components } from "../../api/schema";
import { useMe } from "../../app/auth";
import { lazyPart } from "../../app/parts";
import { download } from "../../format/csv";
import { FormDialog } from "../../ui/action";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { TextField } from "../../ui/field";
import { Loaded, Loading, Panel } from "../../ui/panel";
import { useToasts } from "../../ui/toasts";
import { Badge } from "../../ui/values";
import { CopyButton } from "./copy";
import { inGroups, recoveryText } from "./words";

const QrCode = lazyPart(() => import("./qr"));

type Secret = components["schemas"]["totp_secret"];

function Wrong({ error }: { error: ApiError | null }) {
  if (!error || error.fields().size > 0) return null;
  return (
    <div className="notice bad" role="alert">
      {error.message}
      {error.hint && <>: {error.hint}</>}
    </div>
  );
}

/** Three steps: the own password, the secret with a first code, recovery codes. */
function SetUp({ onClose }: { onClose: () => void }) {
  const me = useMe();
  const queries = useQueryClient();
  const [secret, setSecret] = useState<Secret | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const step = async (event: FormEvent<HTMLFormElement>, work: (text: string) => Promise<void>, field: string) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get(field) ?? "");
    setBusy(true);
    setError(null);
    try {
      await work(text);
    } catch (reason) {
      setError(toApiError(reason));
    }
    setBusy(false);
  };
  if (codes)
    return (
      <Dialog title="Recovery codes" onClose={onClose}>
        <p>
          The second factor is on. Each of these codes logs in once when the authenticator is lost. They are shown this
          once: keep them on paper.
        </p>
        <ul className="codes">
          {codes.map((code) => (
            <li key={code}>
              <code>{code}</code>
            </li>
          ))}
        </ul>
        <div className="actions">
          <CopyButton text={codes.join("\n")} />
          <Button onClick={() => download("argosy-recovery-codes.txt", recoveryText(me.username, codes), "text/plain")}>
            Download
          </Button>
          <Button look="primary" onClick={onClose}>
            I have kept them
          </Button>
        </div>
      </Dialog>
    );
  if (secret)
    return (
      <Dialog title="Set up the second factor" onClose={onClose}>
        <form
          className="form"
          onSubmit={(event) =>
            void step(
              event,
              async (code) => {
                const answer = await ask(api.POST("/auth/totp/confirm", { body: { code: code.replace(/\s/g, "") } }));
                await queries.invalidateQueries({ queryKey: ["totp"] });
                setCodes(answer.recovery_codes);
              },
              "code",
            )
          }
        >
          <p>Read this picture with an authenticator, or type the secret into it. Both are shown this once.</p>
          <Suspense fallback={<Loading rows={4} />}>
            <QrCode text={secret.uri} label="QR code of the secret for an authenticator" />
          </Suspense>
          <code className="secret" aria-label="Secret">
            {inGroups(secret.secret)}
          </code>
          <div className="row">
            <CopyButton text={secret.secret} what="the secret" />
            <a href={secret.uri}>Open in an authenticator on this device</a>
          </div>
          <TextField
            key="code"
            label="Code that it shows now"
            name="code"
            inputMode="numeric"
            autoComplete="one-time-code"
            error={error?.fields().get("code")}
            required
            autoFocus
          />
          <Wrong error={error} />
          <div className="actions">
            <Button onClick={onClose}>Back</Button>
            <Button type="submit" look="primary" busy={busy}>
              Switch it on
            </Button>
          </div>
        </form>
      </Dialog>
    );
  return (
    <Dialog title="Set up the second factor" onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) =>
          void step(
            event,
            async (password) => setSecret(await ask(api.POST("/auth/totp", { body: { password } }))),
            "password",
          )
        }
      >
        <p>From then on a login needs a code of your authenticator besides the password.</p>
        <input type="text" name="username" autoComplete="username" value={me.username} readOnly hidden />
        <TextField
          key="password"
          label="Your password"
          name="password"
          type="password"
          autoComplete="current-password"
          error={error?.fields().get("password")}
          required
          autoFocus
        />
        <Wrong error={error} />
        <div className="actions">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look="primary" busy={busy}>
            Go on
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function SwitchOff({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const { tell } = useToasts();
  return (
    <FormDialog
      title="Switch the second factor off"
      action="Switch it off"
      danger
      onClose={onClose}
      onSend={async (text, form) => {
        await ask(
          api.POST("/auth/totp/off", {
            body: { password: String(form.get("password") ?? ""), code: text("code").replace(/\s/g, "") },
          }),
        );
        tell("A login needs the password alone");
        await queries.invalidateQueries({ queryKey: ["totp"] });
      }}
    >
      {(error) => (
        <>
          <p>Whoever has your password can log in then. The recovery codes are worth nothing any more.</p>
          <TextField
            label="Your password"
            name="password"
            type="password"
            autoComplete="current-password"
            error={error("password")}
            required
          />
          <TextField
            label="Code"
            name="code"
            autoComplete="one-time-code"
            hint="of the authenticator, or a recovery code"
            error={error("code")}
            required
          />
        </>
      )}
    </FormDialog>
  );
}

export function SecondFactor() {
  const [asking, setAsking] = useState<"on" | "off" | null>(null);
  const totp = useQuery({ queryKey: ["totp"], queryFn: () => ask(api.GET("/auth/totp")) });
  return (
    <Panel title="Second factor">
      <Loaded query={totp} rows={2}>
        {(data) => (
          <div className="stack">
            <div className="row">
              {data.is_on ? (
                <Badge tone="good" mark="✓">
                  on
                </Badge>
              ) : (
                <Badge tone="careful" mark="!">
                  off
                </Badge>
              )}
              {data.is_on && (
                <span className={data.recovery_codes_left < 3 ? "warning" : "soft"}>
                  {data.recovery_codes_left} recovery code{data.recovery_codes_left === 1 ? "" : "s"} left
                </span>
              )}
            </div>
            <p className="small soft">
              {data.is_on
                ? "New recovery codes come by switching it off and on again."
                : "A login needs the password alone. With a second factor, one who learns it cannot trade with your money."}
            </p>
            <div className="row">
              {data.is_on ? (
                <Button look="danger" onClick={() => setAsking("off")}>
                  Switch off…
                </Button>
              ) : (
                <Button look="primary" onClick={() => setAsking("on")}>
                  Set up…
                </Button>
              )}
            </div>
          </div>
        )}
      </Loaded>
      {asking === "on" && <SetUp onClose={() => setAsking(null)} />}
      {asking === "off" && <SwitchOff onClose={() => setAsking(null)} />}
    </Panel>
  );
}
