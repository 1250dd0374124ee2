import { QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/errors";
import { makeQueries } from "./queries";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watch(answer: () => Promise<string>, onRefused = () => undefined) {
  const observer = new QueryObserver(makeQueries(onRefused), {
    queryKey: ["services", "list", "all"],
    queryFn: answer,
  });
  const end = observer.subscribe(() => undefined);
  return { observer, end };
}
const fail = (status: number) => () => Promise.reject(new ApiError(status, null, "no"));

describe("makeQueries", () => {
  it("asks again for what nobody answered, until somebody does", async () => {
    let answer = fail(0);
    const { observer, end } = watch(() => answer() as Promise<string>);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(observer.getCurrentResult().status).toBe("error");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(observer.getCurrentResult().data).toBeUndefined();
    answer = (() => Promise.resolve("rows")) as never;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(observer.getCurrentResult().data).toBe("rows");
    end();
  });

  it("leaves alone what was refused, and what nobody looks at", async () => {
    const refused = vi.fn(fail(404));
    const shown = watch(refused as never);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(refused).toHaveBeenCalledTimes(1);
    shown.end();
    const away = vi.fn(fail(503));
    const left = watch(away as never);
    await vi.advanceTimersByTimeAsync(4_000);
    left.end();
    const asked = away.mock.calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(away).toHaveBeenCalledTimes(asked);
  });

  it("tells when the login is over", async () => {
    const onRefused = vi.fn();
    const { end } = watch(fail(401) as never, onRefused);
    await vi.advanceTimersByTimeAsync(0);
    expect(onRefused).toHaveBeenCalledTimes(1);
    end();
  });
});
