// What a service can decide by.
import { useQuery } from "@tanstack/react-query";
import { api, askAll } from "../api/client";

const kBuiltIn = [
  { value: "probability", text: "probability (by chance)" },
  { value: "hybrid", text: "hybrid" },
];

/** Those that are built in, then the stored ones, each by its name. */
export function useStrategyNames(): { value: string; text: string }[] {
  const stored = useQuery({
    queryKey: ["strategies", "list", "all"],
    queryFn: () => askAll((page) => api.GET("/strategies", { params: { query: page } })),
    staleTime: 30_000,
  });
  const names = [...new Set((stored.data ?? []).map((each) => each.name))];
  return [...kBuiltIn, ...names.map((name) => ({ value: name, text: name }))];
}
