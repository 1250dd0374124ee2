// The key of a wish: what is sent twice because no answer came is done once, and what was answered is another wish.
import { useState } from "react";
import { idempotencyKey } from "../api/client";
import { ApiError } from "../api/errors";

type Header = { "Idempotency-Key": string };

// The first one may still be at work, or have been done: errors of the machine are not kept as its answer.
function isAnswered(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.code === "in_progress") return false;
  return error.status >= 400 && error.status < 500;
}

export class Wish {
  private body = "";
  private key = "";

  /** Sends a POST that creates or trades: with the key of the last one while that has no answer, if it is the same. */
  async send<Data>(body: unknown, post: (header: Header) => Promise<Data>): Promise<Data> {
    const text = JSON.stringify(body) ?? "";
    if (this.key === "" || this.body !== text) this.key = idempotencyKey();
    this.body = text;
    try {
      const data = await post({ "Idempotency-Key": this.key });
      this.key = "";
      return data;
    } catch (error) {
      if (isAnswered(error)) this.key = "";
      throw error;
    }
  }
}

export function useWish(): Wish {
  return useState(() => new Wish())[0];
}
