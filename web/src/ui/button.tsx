import type { ButtonHTMLAttributes } from "react";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "primary" | "danger" | "plain" | "danger primary";
  small?: boolean;
  /** Something that it began is under way. */
  busy?: boolean;
}

export function Button({ look, small, busy, className, disabled, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={["button", look, small && "small", className].filter(Boolean).join(" ")}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
    >
      {children}
      {busy && <span aria-hidden="true">…</span>}
    </button>
  );
}
