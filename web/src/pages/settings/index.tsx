// What is one's own: password, second factor, keys, how it looks; and what this program is made of.
import { useMe } from "../../app/auth";
import { PasswordForm } from "../../app/password";
import { PageHead } from "../../app/shell";
import { chooseTheme, useChosenTheme, type Theme } from "../../app/theme";
import { Loaded, Panel } from "../../ui/panel";
import { useSystemInfo } from "../records/lookups";
import { Keys } from "./keys";
import { SecondFactor } from "./second-factor";
import "../records/records.css";
import "./settings.css";

const kThemes: { value: Theme; text: string }[] = [
  { value: "system", text: "as the system has it" },
  { value: "light", text: "light" },
  { value: "dark", text: "dark" },
];

function Look() {
  const chosen = useChosenTheme();
  return (
    <Panel title="How it looks">
      <fieldset className="theme-choices">
        <legend>Theme</legend>
        {kThemes.map(({ value, text }) => (
          <label key={value} className="row">
            <input
              type="radio"
              name="theme"
              value={value}
              checked={chosen === value}
              onChange={() => chooseTheme(value)}
            />
            {text}
          </label>
        ))}
      </fieldset>
      <p className="small soft">
        Kept in this browser. Times are shown in {Intl.DateTimeFormat().resolvedOptions().timeZone}, as the system has
        it; those of the exchange on hover.
      </p>
    </Panel>
  );
}

const kParts: readonly { name: string; by: string; licence: string; link: string }[] = [
  {
    name: "Lightweight Charts",
    by: "TradingView, Inc.",
    licence: "Apache-2.0",
    link: "https://www.tradingview.com/",
  },
  {
    name: "Apache ECharts",
    by: "The Apache Software Foundation",
    licence: "Apache-2.0",
    link: "https://echarts.apache.org/",
  },
  { name: "ZRender", by: "Baidu Inc.", licence: "BSD-3-Clause", link: "https://github.com/ecomfe/zrender" },
  { name: "React, React DOM", by: "Meta Platforms, Inc.", licence: "MIT", link: "https://react.dev/" },
  { name: "React Router", by: "Remix Software Inc.", licence: "MIT", link: "https://reactrouter.com/" },
  { name: "TanStack Query, TanStack Virtual", by: "Tanner Linsley", licence: "MIT", link: "https://tanstack.com/" },
  { name: "CodeMirror", by: "Marijn Haverbeke and others", licence: "MIT", link: "https://codemirror.net/" },
  { name: "openapi-fetch", by: "Drew Powers", licence: "MIT", link: "https://openapi-ts.dev/" },
  { name: "uqr", by: "Project Nayuki, Anthony Fu", licence: "MIT", link: "https://github.com/unjs/uqr" },
];

function About() {
  const info = useSystemInfo();
  return (
    <Panel title="About">
      <div className="stack">
        <Loaded query={info} rows={1}>
          {(data) => (
            <p>
              Argosy {data.version}, licensed under Apache-2.0. <a href="/api/v1/docs">The API</a>
            </p>
          )}
        </Loaded>
        <p className="small">
          Charts of prices are TradingView Lightweight Charts™, copyright (c) 2026{" "}
          <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
            TradingView, Inc.
          </a>
        </p>
        <h3>What it uses</h3>
        <ul className="parts small">
          {kParts.map((part) => (
            <li key={part.name}>
              <a href={part.link} target="_blank" rel="noreferrer">
                {part.name}
              </a>{" "}
              <span className="soft">
                {part.by}, {part.licence}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}

export default function Settings() {
  const me = useMe();
  return (
    <div className="stack">
      <PageHead title="Settings">
        <span className="soft">
          {me.username}, {me.role}
        </span>
      </PageHead>
      <div className="grid">
        <Panel title="Password">
          <PasswordForm onDone={() => undefined} />
        </Panel>
        <div className="stack">
          <SecondFactor />
          <Look />
        </div>
      </div>
      <Keys />
      <About />
    </div>
  );
}
