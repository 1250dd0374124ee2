/** What a switch stops, in words that say what will happen when it is thrown. */
export function switchText(scope: string, subject: string): string {
  if (scope === "all") return "everything: all accounts, services and instruments";
  const names: Record<string, string> = {
    account: "broker account",
    strategy: "all services of the strategy",
    service: "service",
    instrument: "instrument",
  };
  return `${names[scope] ?? scope} ${subject}`;
}
