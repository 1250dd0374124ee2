// How the program and what it depends on are, each second.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { Link } from "react-router";
import { api, ask } from "../../api/client";
import type { components } from "../../api/schema";
import { useMe } from "../../app/auth";
import { useHealth, useMarkets, type HealthReport } from "../../app/facts";
import { PageHead } from "../../app/shell";
import { formatBytes, formatNumber } from "../../format/numbers";
import { formatDuration } from "../../format/times";
import { usePollInterval } from "../../live/live";
import { Button } from "../../ui/button";
import { Checkbox } from "../../ui/field";
import { Loaded, Loading, Panel } from "../../ui/panel";
import { Table, type Column } from "../../ui/table";
import { Badge, State, Time, type Tone } from "../../ui/values";
import { AuditPanel } from "./audit";
import { isShown, parseLogLine } from "./log";
import "../records/records.css";
import "./health.css";

type Market = components["schemas"]["market"];

function Fact({ label, tone, children }: { label: ReactNode; tone?: Tone; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {tone && tone !== "good" ? (
          <Badge tone={tone} mark="!">
            {children}
          </Badge>
        ) : (
          <span className="number">{children}</span>
        )}
      </dd>
    </div>
  );
}

function milliseconds(value: number | null): string {
  if (value === null) return "–";
  return Math.abs(value) >= 10_000 ? formatDuration(value / 1000) : `${formatNumber(value, 1)} ms`;
}

function Queue({ name, depth, limit }: { name: string; depth: number; limit: number }) {
  const share = limit > 0 ? depth / limit : 0;
  return (
    <div className="queue">
      <span className="row apart">
        <span>{name}</span>
        <span className="number small">
          {depth.toLocaleString("en")} of {limit.toLocaleString("en")}
        </span>
      </span>
      <div
        className="progress"
        role="meter"
        aria-label={name}
        aria-valuenow={depth}
        aria-valuemin={0}
        aria-valuemax={limit}
      >
        <div style={{ width: `${Math.min(100, 100 * share)}%` }} />
      </div>
    </div>
  );
}

function Facts({ report }: { report: HealthReport }) {
  const { facts } = report;
  // What is judged bad is marked where it is told.
  const tones = new Map(
    report.reasons.map((reason) => [reason.what, (reason.state === "halted" ? "bad" : "careful") as Tone]),
  );
  return (
    <div className="grid facts">
      <Panel title="Feeds and brokers">
        <dl className="pairs wide">
          {facts.feeds.map((feed) => (
            <Fact key={feed.name} label={`Feed ${feed.name}`} tone={tones.get("feed")}>
              {feed.in_session
                ? feed.silent_ms === null
                  ? "in session"
                  : `last price ${milliseconds(feed.silent_ms)} ago`
                : "out of session"}
            </Fact>
          ))}
          {facts.brokers.map((broker) => (
            <Fact key={broker.name} label={`Broker ${broker.name}`} tone={broker.connected ? undefined : "bad"}>
              {broker.connected ? "connected" : "no connection"}
            </Fact>
          ))}
          <Fact label="Quotes not believed, a minute" tone={tones.get("quotes")}>
            {facts.quarantined_quotes}
          </Fact>
          <Fact label="Orders without an answer" tone={tones.get("unknown_orders")}>
            {facts.unknown_orders}
          </Fact>
          <Fact label="Blocked instruments" tone={tones.get("blocked_instruments")}>
            {listOf(facts.blocked_instruments)}
          </Fact>
          <Fact label="Blocked accounts" tone={tones.get("blocked_accounts")}>
            {listOf(facts.blocked_accounts)}
          </Fact>
          <Fact label="Kill switches" tone={tones.get("kill_switch")}>
            {facts.kill_switches.length === 0 ? "none" : `${facts.kill_switches.length} thrown`}
          </Fact>
        </dl>
      </Panel>
      <Panel title="Ledger and queues">
        <div className="stack">
          <dl className="pairs wide">
            <Fact label="99 of 100 writes within" tone={tones.get("ledger")}>
              {milliseconds(facts.commit_p99_ms)}
            </Fact>
            <Fact label="Last write took">{milliseconds(facts.commit_last_ms)}</Fact>
            <Fact label="Waits to be written" tone={facts.commit_stalled_ms === null ? undefined : tones.get("ledger")}>
              {facts.commit_stalled_ms === null ? "nothing" : `for ${milliseconds(facts.commit_stalled_ms)}`}
            </Fact>
            {facts.ledger_error && (
              <Fact label="Error" tone="bad">
                {facts.ledger_error}
              </Fact>
            )}
          </dl>
          {facts.queues.map((queue) => (
            <Queue key={queue.name} {...queue} />
          ))}
        </div>
      </Panel>
      <Panel title="Machine">
        <dl className="pairs wide">
          <Fact label="Free on the disk" tone={tones.get("disk")}>
            {formatBytes(facts.disk_free_bytes)}
          </Fact>
          <Fact label="Memory of the program" tone={tones.get("memory")}>
            {formatBytes(facts.resident_bytes)}
          </Fact>
          <Fact label="Clock differs from the broker's by" tone={tones.get("clock")}>
            {milliseconds(facts.clock_skew_ms)}
          </Fact>
          <Fact label="Clock was set by, within the hour" tone={tones.get("clock")}>
            {milliseconds(facts.clock_set_ms)}
          </Fact>
          <Fact label="Told at">
            <Time at={report.time} style="time" />
          </Fact>
        </dl>
      </Panel>
    </div>
  );
}

function listOf(each: readonly string[]): string {
  return each.length === 0 ? "none" : each.join(", ");
}

function Markets() {
  const markets = useMarkets();
  const columns: Column<Market>[] = [
    { id: "exchange", title: "Exchange", sort: (row) => row.exchange, cell: (row) => <strong>{row.exchange}</strong> },
    {
      id: "is_open",
      title: "Now",
      sort: (row) => (row.is_open ? 0 : 1),
      cell: (row) => (
        <span className="row nowrap">
          {row.is_open ? (
            <Badge tone="good" mark="●">
              open
            </Badge>
          ) : (
            <Badge mark="○">closed</Badge>
          )}
          <span className="small soft">
            {row.is_open ? `closes in ${formatDuration(row.closes_in)}` : `opens in ${formatDuration(row.opens_in)}`}
          </span>
        </span>
      ),
    },
    {
      id: "session",
      title: "Session",
      cell: (row) => (
        <span className="nowrap number">
          {row.session} <Time at={row.opens_at} style="time" zone={row.time_zone} />–
          <Time at={row.closes_at} style="time" zone={row.time_zone} />{" "}
          {row.early_close && <span className="warning">early</span>}
        </span>
      ),
    },
    { id: "time_zone", title: "Its clock", cell: (row) => <span className="small soft">{row.time_zone}</span> },
  ];
  return (
    <Panel title="Sessions of the exchanges" flush>
      <Loaded query={markets} rows={4} isEmpty={(data) => data.items.length === 0} empty="No exchange is known.">
        {(data) => (
          <Table label="Sessions" rows={data.items} columns={columns} rowKey={(row) => row.exchange} height="360px" />
        )}
      </Loaded>
    </Panel>
  );
}

const kLogMs = 2_000;
const kLogLines = 500;

function Log() {
  const [least, setLeast] = useState("info");
  const [withRequests, setWithRequests] = useState(false);
  const [following, setFollowing] = useState(true);
  const frame = useRef<HTMLDivElement>(null);
  const log = useQuery({
    queryKey: ["log"],
    queryFn: () => ask(api.GET("/system/log", { params: { query: { lines: kLogLines } } })),
    refetchInterval: following ? kLogMs : false,
  });
  const lines = useMemo(
    () => (log.data?.lines ?? []).map(parseLogLine).filter((line) => isShown(line, least, withRequests)),
    [log.data, least, withRequests],
  );
  useEffect(() => {
    if (following && frame.current) frame.current.scrollTop = frame.current.scrollHeight;
  }, [lines, following]);
  return (
    <Panel
      title="Log"
      flush
      actions={
        <>
          <Checkbox
            label="with requests"
            checked={withRequests}
            onChange={(event) => setWithRequests(event.target.checked)}
          />
          <select
            className="input narrow"
            aria-label="Least level"
            value={least}
            onChange={(event) => setLeast(event.target.value)}
          >
            {["debug", "info", "warning", "error"].map((level) => (
              <option key={level}>{level}</option>
            ))}
          </select>
          <Button small aria-pressed={following} onClick={() => setFollowing(!following)}>
            {following ? "Hold" : "Follow"}
          </Button>
        </>
      }
    >
      <Loaded query={log} rows={6}>
        {(data) => (
          <>
            <div className="log" ref={frame} tabIndex={0} role="log" aria-label="Lines of the log" aria-live="off">
              {lines.map((line, at) => (
                <div key={at} className={`line ${line.level}`}>
                  <Time at={line.time} style="time" /> <span className="level">{line.level}</span> {line.message}{" "}
                  <span className="soft">{line.rest}</span>
                </div>
              ))}
              {lines.length === 0 && <span className="soft">No line is like that.</span>}
            </div>
            <p className="small soft spaced">
              {lines.length.toLocaleString("en")} of the newest {data.lines.length.toLocaleString("en")} lines
              {following ? ", read every 2 seconds" : ", held"}
            </p>
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Backups() {
  const poll = usePollInterval();
  const backups = useQuery({
    queryKey: ["backups"],
    queryFn: () => ask(api.GET("/system/backups")),
    refetchInterval: poll === false ? 30_000 : poll,
  });
  // Those of jobs hold the whole home; the list above has files of the ledger alone.
  const whole = useQuery({
    queryKey: ["jobs", "list", "backups"],
    queryFn: () =>
      ask(api.GET("/jobs", { params: { query: { type: "backup", state: "DONE", sort: "-job_id", per_page: 10 } } })),
    refetchInterval: poll === false ? 30_000 : poll,
  });
  return (
    <Panel title="Backups" flush actions={<Link to="/jobs">Make one</Link>}>
      <Loaded
        query={whole}
        rows={1}
        isEmpty={(data) => data.items.length === 0}
        empty="No job has made a backup of the whole home yet."
      >
        {(data) => (
          <dl className="pairs small spaced">
            {data.items.map((job) => (
              <div key={job.job_id} className="contents">
                <dt>
                  <Time at={job.ended_at} />
                </dt>
                <dd>
                  the whole home, <Link to={`/jobs?job=${job.job_id}`}>job {job.job_id}</Link>
                </dd>
              </div>
            ))}
          </dl>
        )}
      </Loaded>
      <Loaded
        query={backups}
        rows={2}
        isEmpty={(data) => data.items.length === 0}
        empty="There is no backup of the ledger alone. One is made each day while Argosy runs."
      >
        {(data) => (
          <Table
            label="All backups"
            rows={data.items}
            rowKey={(row) => row.file ?? ""}
            height="260px"
            initial={{ id: "made_at", down: true }}
            columns={[
              {
                id: "made_at",
                title: "Made",
                sort: (row) => row.made_at ?? "",
                cell: (row) => <Time at={row.made_at} />,
              },
              {
                id: "bytes",
                title: "Size",
                end: true,
                sort: (row) => row.bytes ?? 0,
                cell: (row) => <span className="number">{formatBytes(row.bytes ?? 0)}</span>,
              },
              { id: "file", title: "File", cell: (row) => <code className="small">{row.file}</code> },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

export default function Health() {
  const me = useMe();
  const report = useHealth();
  return (
    <div className="stack">
      <PageHead title="Health">{report && <State state={report.state} />}</PageHead>
      {report ? (
        <>
          {report.reasons.length > 0 ? (
            <div className={`notice ${report.state === "halted" ? "bad" : "careful"}`} role="status">
              <ul className="reasons">
                {report.reasons.map((reason, at) => (
                  <li key={at}>
                    <strong>{reason.what.replaceAll("_", " ")}</strong> {reason.text}
                  </li>
                ))}
              </ul>
            </div>
          ) : (
            <div className="notice good" role="status">
              ✓ Nothing is wrong.
            </div>
          )}
          <Facts report={report} />
        </>
      ) : (
        <Loading rows={6} />
      )}
      {me.role === "admin" ? (
        <>
          <div className="grid">
            <Markets />
            <Backups />
          </div>
          <Log />
          <AuditPanel />
        </>
      ) : (
        <Markets />
      )}
    </div>
  );
}
