// Times come as RFC 3339 in UTC with nanoseconds, and are shown in the zone of who looks.

function toDate(text: string | null | undefined): Date | null {
  if (!text) return null;
  const date = new Date(text.replace(/(\.\d{3})\d+/, "$1"));
  return Number.isNaN(date.getTime()) ? null : date;
}

export type Style = "time" | "date" | "both";

const kFormats: Record<Style, Intl.DateTimeFormatOptions> = {
  time: { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" },
  date: { year: "numeric", month: "2-digit", day: "2-digit" },
  both: {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  },
};

const formatters = new Map<string, Intl.DateTimeFormat>();
function formatter(style: Style, zone: string | undefined): Intl.DateTimeFormat {
  const key = `${style} ${zone ?? ""}`;
  let found = formatters.get(key);
  if (!found) {
    // Years first: the form that sorts, and that nobody reads the wrong way round.
    found = new Intl.DateTimeFormat("sv-SE", { ...kFormats[style], timeZone: zone });
    formatters.set(key, found);
  }
  return found;
}

/** "2024-11-29 18:03:00" in `zone`, by default that of the browser. */
export function formatTime(text: string | null | undefined, style: Style = "both", zone?: string): string {
  const date = toDate(text);
  return date ? formatter(style, zone).format(date) : "–";
}

/** All that a hover tells: the exchange's clock, if known, and UTC to the millisecond. */
export function timeTitle(text: string | null | undefined, zone?: string): string {
  const date = toDate(text);
  if (!date) return "";
  const utc = `${date.toISOString()} (UTC)`;
  return zone ? `${formatter("both", zone).format(date)} (${zone})\n${utc}` : utc;
}

/** Milliseconds since 1970; NaN for what is no time. */
export function toMilliseconds(text: string | null | undefined): number {
  return toDate(text)?.getTime() ?? Number.NaN;
}

/** "3 s", "5 min", "2 h 10 min", "4 d". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
