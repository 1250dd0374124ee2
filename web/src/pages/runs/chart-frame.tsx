// Room for a chart that is still being loaded.
import { Suspense, type ReactNode } from "react";
import { Loading } from "../../ui/panel";

export function Chart({ children, height }: { children: ReactNode; height: number }) {
  return (
    <Suspense
      fallback={
        <div style={{ height }}>
          <Loading rows={4} />
        </div>
      }
    >
      {children}
    </Suspense>
  );
}
