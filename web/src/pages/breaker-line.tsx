import type { components } from "../api/schema";
import { Badge, Time } from "../ui/values";

/** How the circuit breaker of an account stands, and what opened it. */
export function BreakerLine({ breaker, many }: { breaker: components["schemas"]["breaker"]; many: boolean }) {
  const isClosed = breaker.state === "closed";
  return (
    <div className={isClosed ? "row" : "notice bad"}>
      <Badge tone={isClosed ? "good" : "bad"} mark={isClosed ? "✓" : "■"}>
        circuit breaker {breaker.state}
      </Badge>
      {many && <span>account {breaker.broker_account_id}</span>}
      {isClosed ? (
        <span className="soft">
          {breaker.tripped_at ? (
            <>
              last opened <Time at={breaker.tripped_at} /> by {breaker.rule.replaceAll("_", " ")}
            </>
          ) : (
            "it was never opened"
          )}
        </span>
      ) : (
        <span>
          {breaker.why.replaceAll("_", " ")}
          {breaker.until ? (
            <>
              ; it lets trials through from <Time at={breaker.until} />
            </>
          ) : (
            "; an admin closes it by hand"
          )}
        </span>
      )}
    </div>
  );
}
