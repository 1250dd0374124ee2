// Forms in dialogs: they send once, and show what the server says at its fields.
import { useState, type FormEvent, type ReactNode } from "react";
import { toApiError, type ApiError } from "../api/errors";
import { Button } from "./button";
import { Failure } from "./panel";
import { Dialog } from "./dialog";

/** Fields of the form by name, as texts. */
export type Texts = (name: string) => string;

export function FormDialog({
  title,
  action,
  danger,
  onSend,
  onClose,
  children,
}: {
  title: string;
  action: string;
  danger?: boolean;
  onSend: (text: Texts, form: FormData) => Promise<unknown>;
  onClose: () => void;
  /** With what is wrong with each field. */
  children: (error: (field: string) => string | undefined) => ReactNode;
}) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const wrong = error?.fields() ?? new Map<string, string>();
  const shown = new Set<string>();
  const body = children((field) => {
    shown.add(field);
    return wrong.get(field);
  });
  // What has a field of its own is said there, and not twice.
  const isAtFields = wrong.size > 0 && [...wrong.keys()].every((field) => shown.has(field));
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await onSend((name) => String(form.get(name) ?? "").trim(), form);
      onClose();
    } catch (reason) {
      setError(toApiError(reason));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        {body}
        {error && !isAtFields && <Failure error={error} />}
        <div className="actions">
          <Button onClick={onClose}>Back</Button>
          <Button type="submit" look={danger ? "danger primary" : "primary"} busy={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
