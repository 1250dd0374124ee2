import { beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../api/errors";
import { Wish } from "./wish";

let wish: Wish;
let keys: string[];
beforeEach(() => {
  wish = new Wish();
  keys = [];
});
async function send(body: unknown, error?: ApiError) {
  await wish
    .send(body, (header) => {
      keys.push(header["Idempotency-Key"]);
      return error ? Promise.reject(error) : Promise.resolve();
    })
    .catch(() => undefined);
}
const refusal = (status: number, code = "conflict") =>
  new ApiError(status, { status, code, detail: "no", title: "", type: "" } as never, "");

describe("Wish", () => {
  it("has the same key until there is an answer", async () => {
    await send({ symbol: "AAPL" }, new ApiError(0, null, "nobody"));
    await send({ symbol: "AAPL" }, refusal(503));
    await send({ symbol: "AAPL" }, refusal(409, "in_progress"));
    await send({ symbol: "AAPL" });
    expect(new Set(keys).size).toBe(1);
  });
  it("is another one after an answer, and when something else is wished", async () => {
    await send({ symbol: "AAPL" });
    await send({ symbol: "AAPL" }, refusal(400));
    await send({ symbol: "AAPL" }, new ApiError(0, null, "nobody"));
    await send({ symbol: "MSFT" });
    expect(new Set(keys).size).toBe(4);
  });
});
