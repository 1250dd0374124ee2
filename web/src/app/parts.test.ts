import { describe, expect, it, vi } from "vitest";
import { loadPart, type PartPorts } from "./parts";

/** Argosy answers as `there` says, question by question. */
function ports(there: boolean[], mayReload = true) {
  return {
    isThere: vi.fn(() => Promise.resolve(there.shift() ?? true)),
    wait: vi.fn(() => Promise.resolve()),
    reload: vi.fn(() => mayReload),
    forgetFailedStyles: vi.fn(),
  } satisfies PartPorts;
}
function failing(times: number) {
  return vi.fn(() => (times-- > 0 ? Promise.reject(new Error("no part")) : Promise.resolve("part")));
}

describe("loadPart", () => {
  it("loads once what is there", async () => {
    const all = ports([]);
    expect(await loadPart(failing(0), all)).toBe("part");
    expect(all.isThere).not.toHaveBeenCalled();
  });

  it("waits until Argosy is back, and loads then", async () => {
    const all = ports([false, false, false, true]);
    const load = failing(1);
    expect(await loadPart(load, all)).toBe("part");
    expect(load).toHaveBeenCalledTimes(2);
    expect(all.wait).toHaveBeenCalledTimes(3);
    expect(all.forgetFailedStyles).toHaveBeenCalledTimes(1);
    expect(all.reload).not.toHaveBeenCalled();
  });

  it("waits again when Argosy goes away once more", async () => {
    const all = ports([false, true, false, true]);
    expect(await loadPart(failing(2), all)).toBe("part");
    expect(all.reload).not.toHaveBeenCalled();
  });

  it("loads the page again when Argosy is there and the part is not", async () => {
    const all = ports([]);
    void loadPart(failing(9), all);
    await vi.waitFor(() => expect(all.reload).toHaveBeenCalledTimes(1));
  });

  it("fails when that did not help", async () => {
    await expect(loadPart(failing(9), ports([], false))).rejects.toThrow("no part");
  });
});
