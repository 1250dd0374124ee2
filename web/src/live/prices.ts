// The newest price of each symbol. What shows one is drawn again when that one changes.
import type { Price } from "./socket";

export class PriceStore {
  private readonly prices = new Map<string, Price>();
  private readonly listeners = new Map<string, Set<() => void>>();

  put(prices: readonly Price[]): void {
    for (const price of prices) {
      this.prices.set(price.symbol, price);
      for (const listener of this.listeners.get(price.symbol) ?? []) listener();
    }
  }
  get(symbol: string): Price | undefined {
    return this.prices.get(symbol);
  }
  listen(symbol: string, listener: () => void): () => void {
    const all = this.listeners.get(symbol) ?? new Set();
    all.add(listener);
    this.listeners.set(symbol, all);
    return () => {
      all.delete(listener);
      if (all.size === 0 && this.listeners.get(symbol) === all) this.listeners.delete(symbol);
    };
  }
}
