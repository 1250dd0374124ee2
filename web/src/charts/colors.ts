// The colours of charts: those of ui/tokens.css, since a canvas cannot read them itself.
import { useMemo } from "react";
import { useShownTheme } from "../app/theme";

/** Told apart by those who see few colours as well, in the order in which lines get them. */
const kLines = {
  light: ["#0b5cad", "#c2570c", "#7a3fb0", "#00796b", "#b0206a", "#6b6300", "#3f51b5", "#5d4037"],
  dark: ["#6cb2ff", "#ffab5e", "#c99bff", "#4dd0c0", "#ff8ac2", "#d9cf5a", "#9fa8ff", "#c8a99a"],
};

export interface ChartColors {
  ground: string;
  text: string;
  soft: string;
  line: string;
  strong: string;
  accent: string;
  gain: string;
  gainSoft: string;
  loss: string;
  lossSoft: string;
  warning: string;
  mono: string;
  font: string;
  /** For series, one after the other. */
  lines: readonly string[];
}

export function lineColor(colors: ChartColors, at: number): string {
  return colors.lines[at % colors.lines.length] ?? colors.accent;
}

/** "#rrggbb" with an opacity. */
export function withAlpha(color: string, alpha: number): string {
  const share = Math.round(Math.min(1, Math.max(0, alpha)) * 255);
  return `${color}${share.toString(16).padStart(2, "0")}`;
}

/** Of the theme that is shown. */
export function useChartColors(): ChartColors {
  const theme = useShownTheme();
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
    return {
      ground: token("surface"),
      text: token("text"),
      soft: token("text-soft"),
      line: token("line"),
      strong: token("line-strong"),
      accent: token("accent"),
      gain: token("gain"),
      gainSoft: token("gain-soft"),
      loss: token("loss"),
      lossSoft: token("loss-soft"),
      warning: token("warning"),
      mono: token("mono"),
      font: token("font"),
      lines: kLines[theme],
    };
  }, [theme]);
}
