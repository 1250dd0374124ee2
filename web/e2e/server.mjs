// The real program, in a home of its own, on the simulated market.
//
//   const server = await Server.start({ speed: 240 });
//   await server.api("POST", "/services", { ... });
//   await server.remove();
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export const ROOT = join(import.meta.dirname, "..", "..");
const PROGRAM = process.env.ARGOSY ?? join(ROOT, "build", "release", "argosy");
export const PASSWORD = "correct horse battery 9";
const START_MS = 60_000;
const STOP_MS = 15_000;

export async function waitFor(what, description, milliseconds = 20_000) {
  const until = performance.now() + milliseconds;
  for (;;) {
    const found = await what();
    if (found) return found;
    if (performance.now() > until) throw new Error(`${description}: nothing came in ${milliseconds / 1000} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export class Server {
  // `password`: of the admin; null: the one-time password is left as it is, in `oncePassword`.
  // `settings`: what to write in trading.yaml, in place of what: { "requests_per_minute: 1200": "requests_per_minute: 0" }.
  static async start({ password = PASSWORD, speed = 60, settings = {} } = {}) {
    const server = new Server();
    server.folder = await mkdtemp(join(tmpdir(), "argosy-web-"));
    server.home = join(server.folder, "home");
    server.speed = speed;
    server.password = password;
    try {
      await server.run(["init"], password === null ? {} : { ARGOSY_ADMIN_PASSWORD: password });
      const path = join(server.home, "trading.yaml");
      let text = await readFile(path, "utf8");
      for (const [old, wanted] of Object.entries(settings)) {
        if (!text.includes(old)) throw new Error(`trading.yaml has no ${old}`);
        text = text.replace(old, wanted);
      }
      await writeFile(path, text);
      await server.begin();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  port = 0;
  process = null;
  tokens = new Map();

  // One command, to its end; its standard output.
  async run(command, environment = {}) {
    const done = await promisify(execFile)(PROGRAM, [...command.map(String), "--home", this.home], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
      maxBuffer: 64 << 20,
    });
    return done.stdout;
  }

  // Again on the port that it had before, so that a page finds it.
  async begin() {
    this.process = spawn(
      PROGRAM,
      ["serve", "--home", this.home, "--port", this.port, "--speed", this.speed].map(String),
      {
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    this.ended = new Promise((done) => this.process.once("exit", done));
    this.said = "";
    this.process.stderr.on("data", (part) => (this.said += part));
    const lines = createInterface({ input: this.process.stdout });
    const url = new Promise((found) => {
      lines.on("line", (line) => {
        this.said += `${line}\n`;
        this.oncePassword = /^one-time password of admin: (\S+)$/.exec(line)?.[1] ?? this.oncePassword;
        const dashboard = /^dashboard: (\S+)\/$/.exec(line)?.[1];
        if (dashboard) found(dashboard);
      });
    });
    const over = new Promise((_, fail) => {
      setTimeout(() => fail(new Error(`argosy serve did not begin:\n${this.said}`)), START_MS).unref();
      this.ended.then(() => fail(new Error(`argosy serve ended:\n${this.said}`)));
    });
    over.catch(() => {});
    this.url = await Promise.race([url, over]);
    this.port = Number(new URL(this.url).port);
    const isReady = async () => (await fetch(`${this.url}/readyz`).catch(() => null))?.status === 200;
    await Promise.race([waitFor(isReady, "argosy serve is not ready", START_MS), over]);
  }

  // As a fault of the machine would end it.
  async kill() {
    this.process.kill("SIGKILL");
    await this.ended;
  }

  async stop() {
    if (this.process === null || this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill("SIGTERM");
    const patience = setTimeout(() => this.process.kill("SIGKILL"), STOP_MS);
    await this.ended;
    clearTimeout(patience);
  }

  async remove() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  // The answer's body; what is refused is an error.
  async api(method, path, body, { user = "admin", password = this.password } = {}) {
    const token = path === "/auth/login" ? undefined : await this.token(user, password);
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  async token(user, password) {
    if (!this.tokens.has(user)) {
      const login = await this.api("POST", "/auth/login", { username: user, password });
      this.tokens.set(user, login.access_token);
    }
    return this.tokens.get(user);
  }

  // What browsers reported of pages that broke their policy.
  async policyReports() {
    return (await this.api("GET", "/csp-reports")).items;
  }
}
