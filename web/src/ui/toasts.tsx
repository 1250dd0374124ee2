// Short words on what was done or failed, at the edge of the page.
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from "react";
import { toApiError } from "../api/errors";

interface Toast {
  id: number;
  tone: "good" | "bad" | "plain";
  text: string;
}
interface Toasts {
  tell: (text: string, tone?: Toast["tone"]) => void;
  tellError: (error: unknown) => void;
}

const ToastContext = createContext<Toasts | null>(null);
const kShownMs = 6000;

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const next = useRef(1);
  const tell = useCallback((text: string, tone: Toast["tone"] = "good") => {
    const id = next.current++;
    setToasts((all) => [...all.slice(-3), { id, tone, text }]);
    setTimeout(() => setToasts((all) => all.filter((each) => each.id !== id)), kShownMs);
  }, []);
  const value = useMemo(
    () => ({
      tell,
      tellError: (error: unknown) => {
        const { message, hint } = toApiError(error);
        tell(hint ? `${message}: ${hint}` : message, "bad");
      },
    }),
    [tell],
  );
  return (
    <ToastContext value={value}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map((each) => (
          <div key={each.id} className={`toast ${each.tone}`}>
            {each.text}
          </div>
        ))}
      </div>
    </ToastContext>
  );
}

export function useToasts(): Toasts {
  const toasts = useContext(ToastContext);
  if (!toasts) throw new Error("useToasts outside of ToastProvider");
  return toasts;
}
