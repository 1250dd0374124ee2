// Pages for what should not happen.
import { Link, useRouteError } from "react-router";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";

export function NotFound() {
  return (
    <Panel title="There is no such page">
      <p>
        <Link to="/">To the overview</Link>
      </p>
    </Panel>
  );
}

/** A fault of the page itself, or a part of it that could not be loaded: the program may have another version by now. */
export function Crash() {
  const error = useRouteError();
  return (
    <Panel title="This page has failed">
      <div className="stack">
        <p>Nothing that trades is touched by it. Loading it again helps when Argosy was updated meanwhile.</p>
        <pre className="small">{error instanceof Error ? error.message : String(error)}</pre>
        <div className="row">
          <Button look="primary" onClick={() => location.reload()}>
            Load again
          </Button>
          <a href="/">To the overview</a>
        </div>
      </div>
    </Panel>
  );
}
