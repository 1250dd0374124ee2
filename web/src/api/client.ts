// The API, typed by its own document:
//
//   const service = await ask(api.GET("/services/{id}", { params: { path: { id: 3 } } }));   // throws ApiError
//   const all = await askAll((page) => api.GET("/services", { params: { query: page } }));
import createClient from "openapi-fetch";
import { ApiError } from "./errors";
import type { paths } from "./schema";
import { sessionFetch } from "./session";
import type { Page, Problem } from "./types";

export const api = createClient<paths>({
  baseUrl: "/api/v1",
  fetch: sessionFetch,
  querySerializer: { array: { style: "form", explode: false } },
});

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "status" in value;
}

/** The answer's body; an ApiError for what is refused, or when nobody answers. */
export async function ask<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  let answer: Answer<Data>;
  try {
    answer = await asked;
  } catch {
    throw new ApiError(0, null, "Argosy cannot be reached");
  }
  if (answer.response.ok) return answer.data as Data;
  const problem = isProblem(answer.error) ? answer.error : null;
  throw new ApiError(answer.response.status, problem, `${answer.response.status} ${answer.response.statusText}`);
}

const kMostRows = 500;

/** All rows of a list, page by page. */
export async function askAll<Row>(
  list: (page: { page: number; per_page: number }) => Promise<Answer<Page<Row>>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let page = 1; ; ++page) {
    const { items, meta } = await ask(list({ page, per_page: kMostRows }));
    rows.push(...items);
    if (page >= meta.pages) return rows;
  }
}

/** For POSTs that create or trade: a click that is sent twice is done once. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
}
