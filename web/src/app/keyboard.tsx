// Keys: "/" searches, "g" and a letter go to a page, "?" tells them all.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { api, ask } from "../api/client";
import { Combobox } from "../ui/combobox";
import { Dialog } from "../ui/dialog";
import { Button } from "../ui/button";
import { useMe } from "./auth";
import { kPages } from "./pages";

const kTogetherMs = 1200;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable], dialog") !== null;
}

export function useKeys({ search, help }: { search: () => void; help: () => void }): void {
  const go = useNavigate();
  useEffect(() => {
    let began = 0;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "/") {
        event.preventDefault();
        search();
      } else if (event.key === "?") help();
      else if (event.key === "g") began = event.timeStamp;
      else if (event.timeStamp - began < kTogetherMs) {
        began = 0;
        const page = kPages.find((each) => each.key === event.key);
        if (page) void go(page.path.replace(/\/:\w+$/, ""));
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [go, search, help]);
}

export function Help({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        <dt>
          <kbd>/</kbd>
        </dt>
        <dd>search symbols and pages</dd>
        {kPages
          .filter((page) => page.key)
          .map((page) => (
            <div key={page.path}>
              <dt>
                <kbd>g</kbd> <kbd>{page.key}</kbd>
              </dt>
              <dd>{page.title}</dd>
            </div>
          ))}
        <dt>
          <kbd>?</kbd>
        </dt>
        <dd>this list</dd>
        <dt>
          <kbd>Esc</kbd>
        </dt>
        <dd>close a dialog</dd>
      </dl>
      <div className="actions">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

export function useStockSearch(text: string) {
  return useQuery({
    queryKey: ["stocks", "search", text],
    queryFn: () => ask(api.GET("/stocks/search", { params: { query: { q: text, per_page: 12 } } })),
    enabled: text.trim() !== "",
    placeholderData: (before) => before,
  });
}

export function Search({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const go = useNavigate();
  const me = useMe();
  const found = useStockSearch(text);
  const market = kPages.find((page) => page.path === "/market/:symbol");
  const wanted = text.trim().toLowerCase();
  const pages = kPages.filter(
    (page) =>
      page.listed &&
      (!page.adminOnly || me.role === "admin") &&
      wanted !== "" &&
      page.title.toLowerCase().includes(wanted),
  );
  const options = [
    ...pages.map((page) => ({ value: page.path.replace(/\/:\w+$/, ""), text: page.title, note: "page" })),
    ...(market && wanted !== "" ? (found.data?.items ?? []) : []).map((stock) => ({
      value: `/market/${encodeURIComponent(stock.symbol)}`,
      text: stock.symbol,
      note: stock.name,
    })),
  ];
  return (
    <Dialog title="Search" onClose={onClose}>
      <Combobox
        label="Symbol, company or page"
        text={text}
        onText={setText}
        options={options}
        autoFocus
        onChoose={(value) => {
          onClose();
          void go(value);
        }}
      />
      <div className="actions">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
