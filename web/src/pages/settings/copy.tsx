import { useState } from "react";
import { Button } from "../../ui/button";

/** Copies a text; where the browser does not allow it, the text can still be marked by hand. */
export function CopyButton({ text, what }: { text: string; what?: string }) {
  const [done, setDone] = useState<"" | "Copied" | "Mark it, and copy by hand">("");
  return (
    <Button
      onClick={() => {
        navigator.clipboard
          ? navigator.clipboard.writeText(text).then(
              () => setDone("Copied"),
              () => setDone("Mark it, and copy by hand"),
            )
          : setDone("Mark it, and copy by hand");
      }}
    >
      <span aria-live="polite">{done || (what ? `Copy ${what}` : "Copy")}</span>
    </Button>
  );
}
