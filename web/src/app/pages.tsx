// The pages: where each stands, which key goes to it, who sees it. A page is loaded when it is first opened.
import { type ComponentType, type LazyExoticComponent } from "react";
import { lazyPart } from "./parts";

export interface PageEntry {
  path: string;
  title: string;
  /** "g" and this key go to it. */
  key?: string;
  /** In the navigation; pages without stand below one that has. */
  listed?: boolean;
  adminOnly?: boolean;
  page: LazyExoticComponent<ComponentType>;
}

const market = lazyPart(() => import("../pages/market"));

export const kPages: readonly PageEntry[] = [
  { path: "/", title: "Overview", key: "o", listed: true, page: lazyPart(() => import("../pages/overview")) },
  { path: "/services", title: "Services", key: "s", listed: true, page: lazyPart(() => import("../pages/services")) },
  { path: "/services/:id", title: "Service", page: lazyPart(() => import("../pages/service")) },
  {
    path: "/transactions",
    title: "Transactions",
    key: "t",
    listed: true,
    page: lazyPart(() => import("../pages/transactions")),
  },
  { path: "/orders", title: "Orders", key: "r", listed: true, page: lazyPart(() => import("../pages/orders")) },
  {
    path: "/portfolios",
    title: "Portfolios",
    key: "p",
    listed: true,
    page: lazyPart(() => import("../pages/portfolios")),
  },
  { path: "/portfolios/:id", title: "Portfolio", page: lazyPart(() => import("../pages/portfolios/one")) },
  { path: "/market/:symbol", title: "Market", key: "m", listed: true, page: market },
  { path: "/market", title: "Market", page: market },
  {
    path: "/strategies",
    title: "Strategies",
    key: "y",
    listed: true,
    page: lazyPart(() => import("../pages/strategies")),
  },
  { path: "/runs", title: "Backtests", key: "b", listed: true, page: lazyPart(() => import("../pages/runs")) },
  { path: "/runs/:id", title: "Run", page: lazyPart(() => import("../pages/run")) },
  { path: "/runs/compare", title: "Two runs", page: lazyPart(() => import("../pages/compare")) },
  { path: "/studies/:id", title: "Study", page: lazyPart(() => import("../pages/study")) },
  { path: "/jobs", title: "Jobs", key: "j", listed: true, page: lazyPart(() => import("../pages/jobs")) },
  { path: "/risk", title: "Risk", key: "k", listed: true, page: lazyPart(() => import("../pages/risk")) },
  { path: "/health", title: "Health", key: "h", listed: true, page: lazyPart(() => import("../pages/health")) },
  {
    path: "/users",
    title: "Users",
    key: "u",
    listed: true,
    adminOnly: true,
    page: lazyPart(() => import("../pages/users")),
  },
  { path: "/settings", title: "Settings", key: "e", listed: true, page: lazyPart(() => import("../pages/settings")) },
];
