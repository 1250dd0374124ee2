// An editor of formulas and strategy files: words are offered, mistakes underlined where they stand. Loaded when first shown:
//
//   const CodeEditor = lazyPart(() => import("../editor/code-editor"));
//   <CodeEditor label="Formula" value={text} onChange={setText} language="formula" words={useWords(false)} problems={problems} />
import { autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import type { CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  MatchDecorator,
  ViewPlugin,
  drawSelection,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder as placeholderOf,
  type DecorationSet,
  type ViewUpdate,
} from "@codemirror/view";
import { useEffect, useRef } from "react";
import { problemText, rangeOf, type Problem } from "./problems";
import "./editor.css";
import { fitting, type Word } from "./words";

export interface CodeEditorProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  language: "formula" | "strategy";
  words: readonly Word[] | null;
  problems?: readonly Problem[];
  /** Enter of a formula; Ctrl+Enter of a strategy. */
  onEnter?: () => void;
  placeholder?: string;
  readOnly?: boolean;
  /** CSS height; without it the editor is as high as its text. */
  height?: string;
}

const kWords =
  /(#.*$)|("[^"\n]*"|'[^'\n]*')|(^[ \t]*[A-Za-z_]\w*(?=:(?:\s|$)))|\b(and|or|not|true|false|if|then|else)\b|([A-Za-z_]\w*)(?=\()|(\b\d+(?:\.\d+)?%?)/gm;
const kClasses = ["", "tok-remark", "tok-text", "tok-key", "tok-word", "tok-operator", "tok-number"];

const matcher = new MatchDecorator({
  regexp: kWords,
  decorate: (add, from, to, match) => {
    const kind = kClasses.findIndex((_, at) => at > 0 && match[at] !== undefined);
    if (kind > 0) add(from, to, Decoration.mark({ class: kClasses[kind] }));
  },
});
const colored = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    constructor(view: EditorView) {
      this.decorations = matcher.createDeco(view);
    }
    update(update: ViewUpdate) {
      this.decorations = matcher.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

// A browser that types over a selection keeps its style by a style attribute, which the server's policy forbids.
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const text = event.data;
    const { from, to, empty } = view.state.selection.main;
    if (event.inputType !== "insertText" || text === null || empty || view.composing || view.state.readOnly)
      return false;
    const insert = () =>
      view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
    const handlers = view.state.facet(EditorView.inputHandler);
    if (!handlers.some((handler) => handler(view, from, to, text, insert))) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});

const look = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "0.92rem", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": {
    backgroundColor: "var(--sunken)",
    color: "var(--text-soft)",
    borderRight: "1px solid var(--line)",
  },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--sunken) 60%, transparent)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--accent-soft)",
  },
  ".cm-placeholder": { color: "var(--text-soft)" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft) !important" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    color: "var(--text)",
    border: "1px solid var(--line-strong)",
    borderRadius: "5px",
    maxWidth: "min(460px, 90vw)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", maxHeight: "16em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    background: "var(--accent-soft)",
    color: "var(--text)",
  },
  ".cm-completionDetail": { color: "var(--text-soft)", fontStyle: "normal" },
  ".cm-completionInfo": { whiteSpace: "pre-line", fontFamily: "var(--font)" },
  ".cm-diagnostic": { borderLeftColor: "var(--loss)", whiteSpace: "pre-wrap", fontFamily: "var(--mono)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--loss)",
    textUnderlineOffset: "3px",
  },
  ".tok-remark": { color: "var(--text-soft)" },
  ".tok-text": { color: "var(--warning)" },
  ".tok-key": { color: "var(--accent)", fontWeight: "600" },
  ".tok-word": { color: "var(--loss)" },
  ".tok-operator": { color: "var(--accent)" },
  ".tok-number": { color: "var(--gain)" },
});

export default function CodeEditor(props: CodeEditorProps) {
  const { label, value, language, problems, placeholder, readOnly = false, height } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const now = useRef(props);
  useEffect(() => {
    now.current = props;
  });
  const writing = useRef(new Compartment());

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    // In a shadow tree the editor's styles are adopted sheets, which the server's policy allows; a <style> it forbids.
    const root = element.shadowRoot ?? element.attachShadow({ mode: "open" });
    const isStrategy = language === "strategy";
    const offer = (context: CompletionContext) => {
      const line = context.state.doc.lineAt(context.pos);
      const before = line.text.slice(0, context.pos - line.from);
      const { from, words } = fitting(now.current.words ?? [], before, isStrategy);
      if (words.length === 0 || (!context.explicit && line.from + from === context.pos)) return null;
      return {
        from: line.from + from,
        validFor: /^[\w.]*$/,
        options: words.map((word) => ({
          label: word.name,
          detail: word.detail,
          info: word.info,
          // close before clip: names of the data are typed most.
          boost: word.kind === "name" && !word.detail ? 10 : 0,
          ...(word.kind === "key" && { apply: `${word.name}: ` }),
          ...(word.kind === "operator" && {
            apply: (target: EditorView, _: unknown, start: number, end: number) => {
              const open = target.state.sliceDoc(end, end + 1) === "(";
              target.dispatch({
                changes: { from: start, to: end, insert: open ? word.name : `${word.name}()` },
                selection: { anchor: start + word.name.length + 1 },
              });
            },
          }),
        })),
      };
    };
    const enter = () => {
      if (!now.current.onEnter) return false;
      now.current.onEnter();
      return true;
    };
    const made = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: now.current.value,
        extensions: [
          // The list of words takes Enter while it is open.
          keymap.of([{ key: isStrategy ? "Mod-Enter" : "Enter", run: enter }]),
          keymap.of([...closeBracketsKeymap, ...historyKeymap, ...defaultKeymap]),
          history(),
          drawSelection(),
          typeOver,
          closeBrackets(),
          bracketMatching(),
          autocompletion({ override: [offer], icons: false }),
          isStrategy ? [lineNumbers(), highlightActiveLine()] : EditorView.lineWrapping,
          colored,
          look,
          placeholderOf(placeholder ?? ""),
          writing.current.of([]),
          EditorView.contentAttributes.of({
            "aria-label": label,
            tabindex: "0",
            spellcheck: "false",
            autocapitalize: "off",
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) now.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    // Letters typed here are no keys of the page.
    const keep = (event: KeyboardEvent) => event.stopPropagation();
    element.addEventListener("keydown", keep);
    return () => {
      element.removeEventListener("keydown", keep);
      view.current = null;
      made.destroy();
    };
  }, [language, label, placeholder]);

  useEffect(() => {
    const target = view.current;
    if (target && target.state.doc.toString() !== value)
      target.dispatch({ changes: { from: 0, to: target.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({
      effects: writing.current.reconfigure(readOnly ? [EditorState.readOnly.of(true)] : []),
    });
  }, [readOnly]);

  useEffect(() => {
    const target = view.current;
    if (!target) return;
    const text = target.state.doc.toString();
    target.dispatch(
      setDiagnostics(
        target.state,
        (problems ?? [])
          .filter((problem) => problem.line)
          .map((problem) => ({
            ...rangeOf(text, problem),
            severity: "error",
            message: problemText(problem),
          })),
      ),
    );
  }, [problems, value]);

  return <div ref={host} className="code-editor" style={height ? { height } : undefined} />;
}
