import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { csrfToken, sessionFetch } from "./session";

const asked: Request[] = [];
let answers: (request: Request) => Response;

beforeEach(() => {
  asked.length = 0;
  document.cookie = "argosy_csrf=old; path=/";
  vi.stubGlobal(
    "fetch",
    vi.fn((input: Request | string, init?: RequestInit) => {
      const request = typeof input === "string" ? new Request(new URL(input, "http://localhost"), init) : input;
      asked.push(request);
      return Promise.resolve(answers(request));
    }),
  );
});
afterEach(() => void vi.unstubAllGlobals());

const post = () => new Request("http://localhost/api/v1/services", { method: "POST", body: "{}" });

describe("csrfToken", () => {
  it("is read under both names", () => {
    expect(csrfToken("a=b; argosy_csrf=x1")).toBe("x1");
    expect(csrfToken("__Host-argosy_csrf=x2; a=b")).toBe("x2");
    expect(csrfToken("not_argosy_csrf=x2")).toBe("");
  });
});

describe("sessionFetch", () => {
  it("sends the token with what changes something, and only then", async () => {
    answers = () => new Response("{}", { status: 200 });
    await sessionFetch(post());
    await sessionFetch(new Request("http://localhost/api/v1/services"));
    expect(asked.map((each) => each.headers.get("X-CSRF-Token"))).toEqual(["old", null]);
  });

  it("refreshes once for many that were refused together, and asks again", async () => {
    answers = (request) => {
      if (request.url.endsWith("/auth/refresh")) {
        document.cookie = "argosy_csrf=new; path=/";
        return new Response("{}", { status: 200 });
      }
      return new Response("{}", { status: document.cookie.includes("new") ? 200 : 401 });
    };
    const all = await Promise.all([sessionFetch(post()), sessionFetch(post())]);
    expect(all.map((each) => each.status)).toEqual([200, 200]);
    expect(asked.filter((each) => each.url.endsWith("/auth/refresh"))).toHaveLength(1);
    expect(asked.at(-1)?.headers.get("X-CSRF-Token")).toBe("new");
  });

  it("leaves a refused login as it is", async () => {
    answers = () => new Response("{}", { status: 401 });
    const answer = await sessionFetch(
      new Request("http://localhost/api/v1/auth/login", { method: "POST", body: "{}" }),
    );
    expect(answer.status).toBe(401);
    expect(asked).toHaveLength(1);
  });
});
