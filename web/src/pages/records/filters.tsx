// Filters above a list.
import { useEffect, useRef, useState, type InputHTMLAttributes, type ReactNode } from "react";
import { Button } from "../../ui/button";
import { SelectField, TextField } from "../../ui/field";
import "./records.css";

const kTypingMs = 350;

/** A text that filters once typing rests. */
export function FilterText({
  label,
  value,
  onValue,
  ...rest
}: { label: string; value: string; onValue: (value: string) => void } & Pick<
  InputHTMLAttributes<HTMLInputElement>,
  "type" | "placeholder" | "inputMode" | "pattern"
>) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    if (value !== told.current) {
      told.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text === told.current) return;
    const timer = setTimeout(() => {
      told.current = text;
      onValue(text);
    }, kTypingMs);
    return () => clearTimeout(timer);
  }, [text, onValue]);
  return <TextField label={label} value={text} onChange={(event) => setText(event.target.value)} {...rest} />;
}

export function FilterChoice({
  label,
  value,
  onValue,
  options,
}: {
  label: string;
  value: string;
  onValue: (value: string) => void;
  options: readonly (string | { value: string; text: string })[];
}) {
  return (
    <SelectField
      label={label}
      value={value}
      options={[{ value: "", text: "any" }, ...options]}
      onChange={(event) => onValue(event.target.value)}
    />
  );
}

export function Filters({ any, onClear, children }: { any: boolean; onClear: () => void; children: ReactNode }) {
  return (
    <form className="filters" role="search" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      {children}
      <Button look="plain" onClick={onClear} disabled={!any}>
        Clear
      </Button>
    </form>
  );
}
