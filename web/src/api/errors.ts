import type { Problem } from "./types";

/** What the API refused, or that it could not be asked (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  readonly problem: Problem | null;

  constructor(status: number, problem: Problem | null, fallback: string) {
    super(problem?.detail || problem?.title || fallback);
    this.name = "ApiError";
    this.status = status;
    this.code = problem?.code ?? (status === 0 ? "no_connection" : "unknown");
    this.hint = problem?.hint ?? "";
    this.problem = problem;
  }

  /** What is wrong with each field of a body: its name, and why. */
  fields(): Map<string, string> {
    const found = new Map<string, string>();
    for (const each of this.problem?.errors ?? []) {
      const name = each.pointer ? each.pointer.replace(/^\//, "") : (each.parameter ?? "");
      found.set(name, [each.detail, each.hint].filter(Boolean).join(": "));
    }
    return found;
  }
}

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, null, "Argosy cannot be reached");
}
