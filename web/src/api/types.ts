// Names for what the API's document calls its records. schema.d.ts is made from that document at each build.
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Problem = Schemas["problem"];
export type Service = Schemas["service"];
export type NewService = Schemas["new_service"];
export type ServiceChange = Schemas["service_change"];
export type Decision = Schemas["decision"];
export type Order = Schemas["orders"];
export type Transaction = Schemas["trading_transactions"];
export type Portfolio = Schemas["portfolios"];
export type PortfolioValue = Schemas["portfolio_value"];
export type Stock = Schemas["stocks"];
export type Strategy = Schemas["strategies"];
export type Job = Schemas["jobs"];
export type Run = Schemas["run"];
export type RunSummary = Schemas["runs"];
export type Me = Schemas["me"];
export type User = Schemas["user"];

export interface Meta {
  page: number;
  per_page: number;
  total: number;
  pages: number;
}
export interface Page<Row> {
  items: Row[];
  meta: Meta;
}
