import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveSocket, type Connection, type RoomMessage, type SocketState } from "./socket";

class FakeConnection implements Connection {
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close() {
    this.closed = true;
  }
  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  welcome(ledger = "L1") {
    this.onopen?.();
    this.say({ type: "welcome", ledger });
  }
}

let connections: FakeConnection[];
let ticket: () => Promise<string | null>;
let states: SocketState[];

function make(): LiveSocket {
  const socket = new LiveSocket({
    connect: () => {
      const made = new FakeConnection();
      connections.push(made);
      return made;
    },
    ticket: () => ticket(),
    random: () => 1,
  });
  socket.watch((state) => states.push(state));
  return socket;
}
const last = () => connections.at(-1) as FakeConnection;
const change = (sequence: number) => ({
  type: "change",
  room: "services",
  sequence,
  what: "service",
  row: { id: sequence },
});
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  connections = [];
  states = [];
  ticket = () => Promise.resolve("T");
});
afterEach(() => {
  vi.useRealTimers();
});

describe("LiveSocket", () => {
  it("logs in by a ticket, then subscribes", async () => {
    const socket = make();
    socket.listen("services", () => undefined);
    socket.start();
    await settle();
    last().welcome();
    expect(last().sent).toEqual([
      { type: "auth", ticket: "T" },
      { type: "subscribe", room: "services" },
    ]);
    expect(states).toEqual(["live"]);
    socket.stop();
  });

  it("gives each change once, and asks for what it missed", async () => {
    const heard: RoomMessage[] = [];
    const socket = make();
    socket.listen("services", (message) => heard.push(message));
    socket.start();
    await settle();
    last().welcome();
    last().say({ type: "subscribed", room: "services", sequence: 7 });
    last().say(change(8));
    last().say(change(8));
    expect(heard.map((each) => each.type)).toEqual(["joined", "change"]);
    last().onclose?.();
    expect(states).toEqual(["live", "lost"]);
    await vi.advanceTimersByTimeAsync(500);
    last().welcome();
    expect(last().sent[1]).toEqual({ type: "subscribe", room: "services", after: 8, ledger: "L1" });
    last().say({ type: "subscribed", room: "services", sequence: 8 });
    last().say(change(9));
    expect(heard.map((each) => each.type)).toEqual(["joined", "change", "change"]);
    expect(states).toEqual(["live", "lost", "live"]);
    socket.stop();
  });

  it("takes a snapshot of another ledger, whose numbers may be lower", async () => {
    const heard: RoomMessage[] = [];
    const socket = make();
    socket.listen("services", (message) => heard.push(message));
    socket.start();
    await settle();
    last().welcome("L1");
    last().say({ type: "subscribed", room: "services", sequence: 50 });
    last().onclose?.();
    await vi.advanceTimersByTimeAsync(500);
    last().welcome("L2");
    last().say({ type: "subscribed", room: "services", sequence: 3 });
    last().say({ type: "snapshot", room: "services", sequence: 3, is_whole: true, rows: [] });
    last().say(change(4));
    expect(heard.map((each) => each.type)).toEqual(["joined", "snapshot", "change"]);
    socket.stop();
  });

  it("waits longer each time nobody answers, and comes at once when it is woken", async () => {
    ticket = () => Promise.reject(new Error("down"));
    const asked = vi.fn(ticket);
    ticket = asked;
    const socket = make();
    socket.start();
    await settle();
    expect(asked).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(999);
    expect(asked).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveBeenCalledTimes(3);
    socket.wake();
    await settle();
    expect(asked).toHaveBeenCalledTimes(4);
    expect(states).toEqual(["lost"]);
    socket.stop();
  });

  it("gives up a connection that has fallen silent", async () => {
    const socket = make();
    socket.start();
    await settle();
    last().welcome();
    const silent = last();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(silent.sent.at(-1)).toEqual({ type: "ping" });
    silent.say({ type: "pong" });
    await vi.advanceTimersByTimeAsync(25_000 + 5_000);
    expect(silent.closed).toBe(true);
    expect(states).toEqual(["live", "lost"]);
    socket.stop();
  });

  it("leaves a room when the last one who listens has gone", async () => {
    const socket = make();
    socket.start();
    await settle();
    last().welcome();
    const first = socket.listen("orders", () => undefined);
    const second = socket.listen("orders", () => undefined);
    first();
    expect(last().sent.at(-1)).toEqual({ type: "subscribe", room: "orders" });
    second();
    expect(last().sent.at(-1)).toEqual({ type: "unsubscribe", room: "orders" });
    socket.stop();
  });

  it("takes what was meant for one who has left as no answer to the next", async () => {
    const heard: RoomMessage[] = [];
    const socket = make();
    socket.start();
    await settle();
    last().welcome();
    socket.listen("orders", () => undefined)();
    socket.listen("orders", (message) => heard.push(message));
    expect(
      last()
        .sent.slice(1)
        .map((each) => each["type"]),
    ).toEqual(["subscribe", "unsubscribe", "subscribe"]);
    const order = (sequence: number) => ({ ...change(sequence), room: "orders" });
    last().say({ type: "subscribed", room: "orders", sequence: 7 });
    last().say(order(8));
    last().say({ type: "unsubscribed", room: "orders" });
    expect(heard).toEqual([]);
    // 9 was not told to anybody: what was read before is read again.
    last().say({ type: "subscribed", room: "orders", sequence: 9 });
    last().say(order(10));
    expect(heard.map((each) => each.type)).toEqual(["joined", "change"]);
    socket.stop();
  });

  it("is back a few seconds after Argosy is, however long it was away", async () => {
    ticket = () => Promise.reject(new Error("down"));
    const socket = make();
    socket.start();
    await vi.advanceTimersByTimeAsync(602_000);
    ticket = () => Promise.resolve("T");
    await vi.advanceTimersByTimeAsync(4_000);
    last().welcome();
    expect(states).toEqual(["lost", "live"]);
    socket.stop();
  });
});
