// A job as it goes on: progress, then where its result is, or why there is none.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";
import { api, ask } from "../api/client";
import type { Job } from "../api/types";
import { usePollInterval, useRoom } from "../live/live";
import { Button } from "./button";
import { Failure, Loading } from "./panel";
import { useToasts } from "./toasts";
import { State, Time } from "./values";
import "./job-line.css";

const kEnded = new Set(["DONE", "FAILED", "CANCELLED", "DEAD"]);

export function Progress({ label, share }: { label: string; share: number | null }) {
  const percent = Math.round((share ?? 0) * 100);
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <div style={{ width: `${percent}%` }} />
    </div>
  );
}

export function JobLine({
  id,
  what,
  linkOf,
  mayCancel,
}: {
  id: number;
  what: string;
  linkOf: (type: string, result: string) => { to: string; text: string } | null;
  mayCancel: boolean;
}) {
  useRoom(`job_${id}`);
  const poll = usePollInterval();
  const { tellError } = useToasts();
  const query = useQuery({
    queryKey: ["jobs", "one", id],
    queryFn: () => ask(api.GET("/jobs/{id}", { params: { path: { id } } })),
    refetchInterval: (state) => (state.state.data && kEnded.has(state.state.data.state) ? false : poll),
  });
  const job: Job | undefined = query.data;
  const { refetch } = query;
  // What the socket tells has no result; it is read when the work is done.
  const lacksResult = job?.state === "DONE" && !job.result;
  useEffect(() => {
    if (lacksResult) void refetch();
  }, [lacksResult, refetch]);
  const cancel = useMutation({
    mutationFn: () => ask(api.POST("/jobs/{id}/cancel", { params: { path: { id } } })),
    onSuccess: () => refetch(),
    onError: tellError,
  });
  if (!job) return query.isError ? <Failure error={query.error} retry={() => void refetch()} /> : <Loading rows={1} />;
  const link = job.state === "DONE" && job.result ? linkOf(job.type, job.result) : null;
  return (
    <div className="job-line" aria-live="polite">
      <div className="row apart">
        <span className="row">
          <strong>{what}</strong>
          <State state={job.state} />
          <span className="small soft">
            <Time at={job.created_at} />
          </span>
        </span>
        <span className="row">
          {link && <Link to={link.to}>{link.text}</Link>}
          {!kEnded.has(job.state) && mayCancel && (
            <Button small busy={cancel.isPending || job.cancel_requested} onClick={() => cancel.mutate()}>
              Cancel
            </Button>
          )}
        </span>
      </div>
      {!kEnded.has(job.state) && (
        <>
          <Progress label={`Progress of ${what}`} share={job.progress} />
          <span className="small soft">
            {Math.round((job.progress ?? 0) * 100)} % {job.progress_text}
          </span>
        </>
      )}
      {job.reason && job.state !== "DONE" && <span className="small loss">{job.reason}</span>}
    </div>
  );
}
