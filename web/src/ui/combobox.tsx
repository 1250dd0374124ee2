// A text field with a list of what fits below it; arrows and Enter choose, as the ARIA pattern has it.
import { useId, useState, type KeyboardEvent } from "react";

export interface Option {
  value: string;
  text: string;
  note?: string;
}

export function Combobox({
  label,
  text,
  onText,
  options,
  onChoose,
  error,
  autoFocus,
  required,
}: {
  label: string;
  text: string;
  onText: (text: string) => void;
  options: readonly Option[];
  onChoose: (value: string) => void;
  error?: string;
  autoFocus?: boolean;
  required?: boolean;
}) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(0);
  const shown = open && options.length > 0;
  const current = Math.min(at, options.length - 1);
  const choose = (option: Option | undefined) => {
    if (!option) return;
    setOpen(false);
    onChoose(option.value);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setAt((current + step + options.length) % Math.max(1, options.length));
    } else if (event.key === "Enter" && shown) {
      event.preventDefault();
      choose(options[current]);
    } else if (event.key === "Escape" && shown) {
      event.stopPropagation();
      event.preventDefault();
      setOpen(false);
    }
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="combobox">
        <input
          id={id}
          className="input"
          role="combobox"
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={shown ? `${id}-${current}` : undefined}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          autoComplete="off"
          autoFocus={autoFocus}
          required={required}
          value={text}
          onChange={(event) => {
            onText(event.target.value);
            setOpen(true);
            setAt(0);
          }}
          onKeyDown={press}
          onBlur={() => setOpen(false)}
        />
        <ul id={`${id}-list`} role="listbox" aria-label="Suggestions" hidden={!shown}>
          {options.map((option, index) => (
            <li
              key={option.value}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === current}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(option);
              }}
            >
              <strong>{option.text}</strong>
              {option.note && <span className="soft">{option.note}</span>}
            </li>
          ))}
        </ul>
      </div>
      {error && (
        <span className="error" id={`${id}-error`} role="alert">
          {error}
        </span>
      )}
    </div>
  );
}
