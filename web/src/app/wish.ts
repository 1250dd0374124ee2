// The key of a wish: what is sent twice for a slow answer is done once, and what was corrected is another wish.
import { useCallback, useRef } from "react";
import { idempotencyKey } from "../api/client";

/** The header of a POST that creates or trades: the same for the same body as long as the form is open. */
export function useWishKey(): (body: unknown) => { "Idempotency-Key": string } {
  const last = useRef({ body: "", key: "" });
  return useCallback((body: unknown) => {
    const text = JSON.stringify(body);
    if (last.current.key === "" || last.current.body !== text) last.current = { body: text, key: idempotencyKey() };
    return { "Idempotency-Key": last.current.key };
  }, []);
}
