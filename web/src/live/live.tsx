// The page's one socket, for React:
//
//   useRoom("services");                   // its rows change in the queries by themselves
//   const price = usePrice("AAPL");
//   const { state } = useLive();           // "live", or a warning is due
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { api, ask } from "../api/client";
import { toApiError } from "../api/errors";
import { endSession } from "../app/auth";
import { Applier } from "./apply";
import { PriceStore } from "./prices";
import { LiveSocket, type Connection, type Price, type RoomMessage, type SocketState } from "./socket";

interface Live {
  state: SocketState;
  /** When the connection was lost; null while it is there. */
  lostAt: number | null;
  socket: LiveSocket;
  prices: PriceStore;
  applier: Applier;
}

const LiveContext = createContext<Live | null>(null);

async function ticket(queries: QueryClient): Promise<string | null> {
  try {
    return (await ask(api.POST("/ws/ticket"))).ticket;
  } catch (error) {
    if (toApiError(error).status !== 401) throw error;
    endSession(queries);
    return null;
  }
}

function connect(): Connection {
  const url = new URL("/api/v1/ws", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url) as Connection;
}

export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [{ socket, prices, applier }] = useState(() => ({
    socket: new LiveSocket({ connect, ticket: () => ticket(queries), random: Math.random }),
    prices: new PriceStore(),
    applier: new Applier(queries),
  }));
  const [state, setState] = useState<SocketState>("connecting");
  const [lostAt, setLostAt] = useState<number | null>(null);

  useEffect(() => {
    let wasLost = false;
    const unwatch = socket.watch((next) => {
      setState(next);
      setLostAt(next === "lost" ? Date.now() : null);
      // What has no room of its own was not told while the connection was lost.
      if (next === "live" && wasLost) void queries.invalidateQueries();
      wasLost = next === "lost";
    });
    const endPrices = socket.listen("price_updates", (message) => {
      if (message.type === "prices") prices.put(message.prices);
    });
    const wake = () => socket.wake();
    addEventListener("online", wake);
    document.addEventListener("visibilitychange", wake);
    socket.start();
    return () => {
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      endPrices();
      unwatch();
      applier.stop();
      socket.stop();
    };
  }, [queries, socket, prices, applier]);

  const live = useMemo(() => ({ state, lostAt, socket, prices, applier }), [state, lostAt, socket, prices, applier]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("useLive outside of LiveProvider");
  return live;
}

/** Rows of this room change in the queries as they change. null: none. */
export function useRoom(room: string | null): void {
  const { socket, applier } = useLive();
  useEffect(() => {
    if (room === null) return;
    return socket.listen(room, (message) => applier.take(message));
  }, [socket, applier, room]);
}

/** Hears a room's messages itself. */
export function useMessages(room: string, hear: (message: RoomMessage) => void): void {
  const { socket } = useLive();
  useEffect(() => socket.listen(room, hear), [socket, room, hear]);
}

/** The newest price, once one has come. */
export function usePrice(symbol: string): Price | undefined {
  const { prices } = useLive();
  const subscribe = useMemo(() => (listener: () => void) => prices.listen(symbol, listener), [prices, symbol]);
  return useSyncExternalStore(subscribe, () => prices.get(symbol));
}

const kPollMs = 10_000;
/** How often queries ask by themselves: never while the socket tells them. */
export function usePollInterval(): number | false {
  return useLive().state === "live" ? false : kPollMs;
}
