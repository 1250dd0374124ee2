// One WebSocket for the whole page. It logs in by a ticket, subscribes to rooms, remembers the last number of each, and
// asks for what it missed when it comes back. Whoever listens hears each change once and in order.

export type SocketState = "connecting" | "live" | "lost";

export interface Change {
  type: "change";
  room: string;
  sequence: number;
  time: string;
  what: string;
  row: unknown;
}
export interface Snapshot {
  type: "snapshot";
  room: string;
  sequence: number;
  is_whole: boolean;
  rows: { what: string; row: unknown }[];
}
export interface Price {
  symbol: string;
  bid: string;
  ask: string;
  last: string;
  time: string;
}
export interface Prices {
  type: "prices";
  room: string;
  prices: Price[];
}
export interface Health {
  type: "health";
  room: string;
  health: unknown;
}
/** From here on changes are told: what was read before may be older. */
export interface Joined {
  type: "joined";
  room: string;
}
export type RoomMessage = Change | Snapshot | Prices | Health | Joined;
type Message =
  | Exclude<RoomMessage, Joined>
  | { type: "welcome"; ledger: string }
  | { type: "subscribed"; room: string; sequence: number }
  | { type: "unsubscribed"; room: string }
  | { type: "pong" }
  | { type: "error"; code: string; detail: string; room: string };

export interface Connection {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
}
export interface SocketPorts {
  connect: () => Connection;
  /** null: nobody is logged in any more. */
  ticket: () => Promise<string | null>;
  /** Between 0 and 1. */
  random: () => number;
}

const kFirstPause = 500;
/** A page is back a few seconds after the program is. */
const kLongestPause = 4_000;
/** Silence after which the connection is tried by a ping, and given up when that stays unanswered. */
const kSilence = 25_000;
const kAnswerWithin = 5_000;

interface Room {
  listeners: Set<(message: RoomMessage) => void>;
  sequence: number | null;
  ledger: string;
  /** Answers that are still to come to whoever heard the room before: until then its messages are not for this one. */
  notOurs: number;
}

export class LiveSocket {
  state: SocketState = "connecting";
  private readonly rooms = new Map<string, Room>();
  private readonly watchers = new Set<(state: SocketState) => void>();
  /** How many answers are due to what was asked of each room. */
  private readonly due = new Map<string, number>();
  private connection: Connection | null = null;
  private welcomed = false;
  private ledger = "";
  private tries = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private ended = false;

  constructor(private readonly ports: SocketPorts) {}

  start(): void {
    this.ended = false;
    void this.open();
  }
  stop(): void {
    this.ended = true;
    clearTimeout(this.retry);
    this.drop();
  }
  /** Tries at once, whatever it waits for: the network is back, or the page is looked at again. */
  wake(): void {
    if (this.ended || this.connection !== null || this.state === "live") return;
    clearTimeout(this.retry);
    void this.open();
  }
  watch(watcher: (state: SocketState) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
  /** Hears a room from now on; the answer ends it. */
  listen(name: string, listener: (message: RoomMessage) => void): () => void {
    let room = this.rooms.get(name);
    if (!room) {
      room = { listeners: new Set(), sequence: null, ledger: "", notOurs: this.due.get(name) ?? 0 };
      this.rooms.set(name, room);
      if (this.welcomed) this.subscribe(name, room);
    }
    const joined = room;
    joined.listeners.add(listener);
    return () => {
      joined.listeners.delete(listener);
      if (joined.listeners.size > 0 || this.rooms.get(name) !== joined) return;
      this.rooms.delete(name);
      if (this.welcomed) this.askOf(name, { type: "unsubscribe", room: name });
    };
  }

  private say(message: object): void {
    this.connection?.send(JSON.stringify(message));
  }
  private askOf(name: string, message: object): void {
    this.due.set(name, (this.due.get(name) ?? 0) + 1);
    this.say(message);
  }
  private subscribe(name: string, room: Room): void {
    if (room.sequence === null) this.askOf(name, { type: "subscribe", room: name });
    else this.askOf(name, { type: "subscribe", room: name, after: room.sequence, ledger: room.ledger });
  }
  /** Notes the answer; whether it was to one who has left. */
  private isAnswerToAnother(name: string): boolean {
    const due = (this.due.get(name) ?? 0) - 1;
    if (due > 0) this.due.set(name, due);
    else this.due.delete(name);
    const room = this.rooms.get(name);
    if (!room || room.notOurs === 0) return false;
    --room.notOurs;
    return true;
  }
  private become(state: SocketState): void {
    if (state === this.state) return;
    this.state = state;
    for (const watcher of this.watchers) watcher(state);
  }

  private async open(): Promise<void> {
    let ticket: string | null;
    try {
      ticket = await this.ports.ticket();
    } catch {
      this.later();
      return;
    }
    if (this.ended || this.connection !== null) return;
    if (ticket === null) {
      this.become("lost");
      return;
    }
    const connection = this.ports.connect();
    this.connection = connection;
    this.welcomed = false;
    connection.onopen = () => {
      connection.send(JSON.stringify({ type: "auth", ticket }));
      this.heard();
    };
    connection.onmessage = (event) => {
      if (connection === this.connection && typeof event.data === "string") this.take(event.data);
    };
    connection.onclose = () => {
      if (connection !== this.connection) return;
      this.drop();
      this.later();
    };
  }
  private drop(): void {
    clearTimeout(this.silence);
    const connection = this.connection;
    this.connection = null;
    this.welcomed = false;
    this.due.clear();
    for (const room of this.rooms.values()) room.notOurs = 0;
    connection?.close();
  }
  private later(): void {
    if (this.ended) return;
    this.become("lost");
    const pause = Math.min(kLongestPause, kFirstPause * 2 ** Math.min(this.tries, 10));
    ++this.tries;
    // Spread, so that not all pages come at once when the program is back.
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.open(), pause * (0.5 + this.ports.random() / 2));
  }
  private heard(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => {
      this.say({ type: "ping" });
      this.silence = setTimeout(() => {
        this.drop();
        this.later();
      }, kAnswerWithin);
    }, kSilence);
  }

  private take(text: string): void {
    this.heard();
    const message = JSON.parse(text) as Message;
    switch (message.type) {
      case "welcome":
        this.welcomed = true;
        this.ledger = message.ledger;
        this.tries = 0;
        for (const [name, room] of this.rooms) this.subscribe(name, room);
        this.become("live");
        break;
      case "subscribed": {
        if (this.isAnswerToAnother(message.room)) break;
        const room = this.rooms.get(message.room);
        if (!room) break;
        room.ledger = this.ledger;
        // Of what was missed each change brings its own number.
        if (room.sequence !== null) break;
        room.sequence = message.sequence;
        this.deliver(room, { type: "joined", room: message.room });
        break;
      }
      case "unsubscribed":
      case "error":
        this.isAnswerToAnother(message.room);
        break;
      case "change":
      case "snapshot": {
        const room = this.rooms.get(message.room);
        if (!room || room.notOurs > 0) break;
        if (message.type === "change" && room.sequence !== null && message.sequence <= room.sequence) break;
        room.sequence = message.sequence;
        this.deliver(room, message);
        break;
      }
      case "prices":
      case "health": {
        const room = this.rooms.get(message.room);
        if (room) this.deliver(room, message);
        break;
      }
      default:
        break;
    }
  }
  private deliver(room: Room, message: RoomMessage): void {
    for (const listener of room.listeners) listener(message);
  }
}
