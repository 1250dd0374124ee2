// Fields of forms: a label, what is meant, and what is wrong, tied together for screen readers.
import {
  useId,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from "react";

interface Around {
  label: string;
  hint?: ReactNode;
  error?: string;
}

function useAround({ label, hint, error }: Around) {
  const id = useId();
  const told = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const frame = (control: ReactNode) => (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {control}
      {hint && (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
      {error && (
        <span className="error" id={`${id}-error`} role="alert">
          {error}
        </span>
      )}
    </div>
  );
  return { frame, control: { id, "aria-describedby": told || undefined, "aria-invalid": error ? true : undefined } };
}

export function TextField({ label, hint, error, ...rest }: Around & InputHTMLAttributes<HTMLInputElement>) {
  const { frame, control } = useAround({ label, hint, error });
  return frame(<input className="input" autoComplete="off" {...rest} {...control} />);
}

export function TextArea({ label, hint, error, ...rest }: Around & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const { frame, control } = useAround({ label, hint, error });
  return frame(<textarea className="input" rows={4} {...rest} {...control} />);
}

export function SelectField({
  label,
  hint,
  error,
  options,
  ...rest
}: Around &
  SelectHTMLAttributes<HTMLSelectElement> & { options: readonly (string | { value: string; text: string })[] }) {
  const { frame, control } = useAround({ label, hint, error });
  return frame(
    <select className="input" {...rest} {...control}>
      {options.map((option) => {
        const { value, text } = typeof option === "string" ? { value: option, text: option } : option;
        return (
          <option key={value} value={value}>
            {text}
          </option>
        );
      })}
    </select>,
  );
}

export function Checkbox({ label, ...rest }: { label: string } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className="row">
      <input type="checkbox" {...rest} />
      <span>{label}</span>
    </label>
  );
}
