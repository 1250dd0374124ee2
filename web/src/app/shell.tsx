// What stands around every page: where one can go, how the connection and the program are, who one is.
import { Suspense, useCallback, useEffect, useState, type ReactNode } from "react";
import { Link, NavLink, Outlet, matchPath, useLocation } from "react-router";
import { formatDuration, formatTime } from "../format/times";
import { useLive } from "../live/live";
import { Button } from "../ui/button";
import { Loading } from "../ui/panel";
import { Badge, State } from "../ui/values";
import { useLogout, useMe } from "./auth";
import { useHealthQuery, useMarkets } from "./facts";
import { Help, Search, useKeys } from "./keyboard";
import { kPages } from "./pages";

function Connection() {
  const { state, lostAt } = useLive();
  const [, tick] = useState(0);
  useEffect(() => {
    if (state !== "lost") return;
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [state]);
  if (state === "live")
    return (
      <Badge tone="good" mark="●">
        live
      </Badge>
    );
  if (state === "connecting") return <Badge mark="…">connecting</Badge>;
  return (
    <span role="status">
      <Badge tone="bad" mark="○">
        connection lost {lostAt !== null && `${formatDuration((Date.now() - lostAt) / 1000)} ago`}, reconnecting
      </Badge>
    </span>
  );
}

/** The market's session: that of the feed when it is simulated, else the exchange's, and when that changes. */
function Session() {
  const markets = useMarkets();
  const health = useHealthQuery();
  const simulated = health.data?.facts.feeds.find((feed) => feed.name === "simulated");
  if (health.isError) return null;
  if (simulated)
    return (
      <Badge tone={simulated.in_session ? "good" : "plain"} mark="◷">
        simulated market {simulated.in_session ? "open" : "closed"}
      </Badge>
    );
  const market = markets.data?.items.find((each) => each.exchange === "XNAS");
  if (!market) return null;
  return market.is_open ? (
    <Badge tone="good" mark="◷">
      {market.exchange} open, closes in {formatDuration(market.closes_in)}
    </Badge>
  ) : (
    <Badge mark="◷">
      {market.exchange} closed, opens in {formatDuration(market.opens_in)}
    </Badge>
  );
}

function HealthMark() {
  const { data: health, isError } = useHealthQuery();
  // What it was says nothing of what it is.
  if (isError) return <Badge mark="?">health not known</Badge>;
  if (!health) return null;
  const why = health.reasons.map((reason) => reason.text).join("\n");
  return (
    <span title={why || "Nothing is wrong"}>
      <span className="visually-hidden">Health: </span>
      <State state={health.state} />
    </span>
  );
}

function Navigation({ onGo }: { onGo: () => void }) {
  const me = useMe();
  return (
    <ul>
      {kPages
        .filter((page) => page.listed && (!page.adminOnly || me.role === "admin"))
        .map((page) => (
          <li key={page.path}>
            <NavLink to={page.path.replace(/\/:\w+$/, "")} end={page.path === "/"} onClick={onGo}>
              {page.title}
            </NavLink>
          </li>
        ))}
    </ul>
  );
}

export function Shell() {
  const me = useMe();
  const logout = useLogout();
  const { state, lostAt } = useLive();
  const { pathname } = useLocation();
  const [menu, setMenu] = useState(false);
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  useKeys({ search: useCallback(() => setSearching(true), []), help: useCallback(() => setHelping(true), []) });
  const page =
    kPages.find(({ path }) => path === pathname) ?? kPages.find(({ path }) => matchPath(path, pathname) !== null);
  useEffect(() => {
    if (page?.path === pathname) document.title = pathname === "/" ? "Argosy" : `${page.title} · Argosy`;
  }, [page, pathname]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="top">
        <Button
          look="plain"
          className="menu-button"
          aria-expanded={menu}
          aria-controls="navigation"
          onClick={() => setMenu(!menu)}
        >
          <span aria-hidden="true">☰</span>
          <span className="visually-hidden">Menu</span>
        </Button>
        <Link to="/" className="brand">
          <img src="/argosy.svg" alt="" width="24" height="24" />
          Argosy
        </Link>
        <div className="row marks">
          <Connection />
          <HealthMark />
          <Session />
        </div>
        <div className="row">
          <Button look="plain" onClick={() => setSearching(true)} aria-keyshortcuts="/">
            Search <kbd aria-hidden="true">/</kbd>
          </Button>
          <span className="small soft who" title={`Logged in as ${me.username}, ${me.role}`}>
            {me.username}
          </span>
          <Button look="plain" onClick={() => void logout()}>
            Log out
          </Button>
        </div>
      </header>
      <nav id="navigation" className={menu ? "side open" : "side"} aria-label="Pages">
        <Navigation onGo={() => setMenu(false)} />
      </nav>
      <main
        id="main"
        tabIndex={-1}
        className={state === "lost" ? "stale" : undefined}
        title={lostAt === null ? undefined : `Numbers may be as old as ${formatTime(new Date(lostAt).toISOString())}`}
      >
        {/* Of its own for each page: where one went is seen at once, even while it cannot be loaded. */}
        <Suspense key={page?.path} fallback={<Loading rows={6} />}>
          <Outlet />
        </Suspense>
      </main>
      {searching && <Search onClose={() => setSearching(false)} />}
      {helping && <Help onClose={() => setHelping(false)} />}
    </div>
  );
}

/** The head of a page. */
export function PageHead({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return (
    <div className="row apart">
      <h1>{title}</h1>
      {children && <div className="row">{children}</div>}
    </div>
  );
}
