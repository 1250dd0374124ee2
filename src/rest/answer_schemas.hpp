// The answers that are no records: lists of numbers, those that another tool's protocol prescribes, and what commands
// print as JSON, too.
#pragma once

#include "server/raw_schema.hpp"

namespace argosy::rest {

using server::RawSchema;

inline constexpr RawSchema kCandlesSchema{.name = "candles", .json = R"({
  "type": "object", "description": "Bars for charts, oldest first, with formulas beside them",
  "required": ["symbol", "timeframe", "made_of", "prices", "earlier", "warm_up", "formulas_from", "columns", "items"],
  "properties": {
    "symbol": {"type": "string"}, "timeframe": {"type": "string", "description": "of the bars"},
    "made_of": {"type": "string", "description": "the timeframe of the stored bars"},
    "prices": {"type": "string", "enum": ["adjusted", "raw"]},
    "earlier": {"type": ["string", "null"], "description": "the last bar before these: the next `to`"},
    "warm_up": {"type": "integer", "description": "bars before the first value of the formulas"},
    "formulas_from": {"type": ["string", "null"],
      "description": "null: formulas ran from the symbol's first bar on; otherwise the bar at which they began"},
    "columns": {"type": "array", "items": {"$ref": "#/components/schemas/formula_column"}},
    "items": {"type": "array", "items": {"type": "object",
      "required": ["time", "open", "high", "low", "close", "volume"],
      "properties": {
        "time": {"type": "string", "description": "a date, or of bars within days when they begin, in RFC 3339"},
        "open": {"type": ["number", "null"]}, "high": {"type": ["number", "null"]},
        "low": {"type": ["number", "null"]}, "close": {"type": ["number", "null"]},
        "volume": {"type": ["number", "null"]}}}}}})"};

inline constexpr RawSchema kFormulaColumnSchema{.name = "formula_column", .json = R"({
  "type": "object", "description": "What a formula gives, one value a bar",
  "required": ["name", "type", "values"],
  "properties": {
    "name": {"type": "string"}, "type": {"type": "string", "enum": ["number", "truth"]},
    "values": {"type": "array", "items": {"type": ["number", "boolean", "null"],
      "description": "null: there is none"}}}})"};

inline constexpr RawSchema kEvaluatedSchema{.name = "evaluated_formulas", .json = R"({
  "type": "object", "description": "Formulas over the bars of a stock, oldest first",
  "required": ["symbol", "timeframe", "made_of", "prices", "earlier", "warm_up", "formulas_from", "columns", "times"],
  "properties": {
    "symbol": {"type": "string"}, "timeframe": {"type": "string"}, "made_of": {"type": "string"},
    "prices": {"type": "string", "enum": ["adjusted", "raw"]}, "earlier": {"type": ["string", "null"]},
    "warm_up": {"type": "integer"}, "formulas_from": {"type": ["string", "null"]},
    "columns": {"type": "array", "items": {"$ref": "#/components/schemas/formula_column"}},
    "times": {"type": "array", "items": {"type": "string"}, "description": "of the values of each column"}}})"};

inline constexpr RawSchema kCheckedFormulaSchema{.name = "checked_formula", .json = R"({
  "type": "object", "description": "Whether a formula is right",
  "required": ["is_valid", "errors"],
  "properties": {
    "is_valid": {"type": "boolean"},
    "errors": {"type": "array", "items": {"type": "object", "required": ["detail", "hint", "line", "column"],
      "properties": {"detail": {"type": "string"},
        "hint": {"type": "string", "description": "the line, with carets below what is wrong"},
        "line": {"type": "integer", "description": "from 1; 0: not known"},
        "column": {"type": "integer", "description": "from 1; 0: not known"}}}},
    "explanation": {"$ref": "#/components/schemas/explained_formula", "description": "of a valid one"}}})"};

inline constexpr RawSchema kCheckedStrategySchema{.name = "checked_strategy", .json = R"({
  "type": "object", "description": "Whether a strategy file is right; what follows warnings is there of a valid one",
  "required": ["is_valid", "errors", "warnings"],
  "properties": {
    "is_valid": {"type": "boolean"},
    "errors": {"type": "array", "items": {"type": "object",
      "required": ["detail", "hint", "field", "line", "column"],
      "properties": {"detail": {"type": "string"}, "hint": {"type": "string"}, "field": {"type": "string"},
        "line": {"type": "integer", "description": "from 1; 0: not known"},
        "column": {"type": "integer", "description": "from 1; 0: not known"}}}},
    "warnings": {"type": "array", "items": {"type": "string"}},
    "name": {"type": "string"}, "description": {"type": "string"}, "timeframe": {"type": "string"},
    "warm_up": {"type": "integer", "description": "bars"},
    "symbols": {"type": "array", "items": {"type": "string"}},
    "fields": {"type": "array", "items": {"type": "string"}},
    "parameters": {"type": "array", "items": {"type": "object", "required": ["name", "value"],
      "properties": {"name": {"type": "string"}, "value": {"type": "number"}, "from": {"type": "number"},
        "to": {"type": "number"}, "step": {"type": "number"}}}}}})"};

inline constexpr RawSchema kHealthSchema{.name = "health_report", .json = R"({
  "type": "object", "description": "Whether all is well, why not, and what is known",
  "required": ["time", "state", "reasons", "facts"],
  "properties": {
    "time": {"type": "string", "format": "date-time"},
    "state": {"type": "string", "enum": ["healthy", "degraded", "halted"]},
    "reasons": {"type": "array", "items": {"type": "object", "required": ["state", "what", "text"],
      "properties": {"state": {"type": "string"}, "what": {"type": "string"}, "text": {"type": "string"}}}},
    "facts": {"type": "object",
      "required": ["feeds", "brokers", "queues", "disk_free_bytes", "commit_p99_ms", "commit_last_ms", "commit_stalled_ms",
        "ledger_error", "clock_skew_ms", "clock_set_ms", "resident_bytes", "unknown_orders", "blocked_instruments",
        "blocked_accounts", "kill_switches", "quarantined_quotes"], "properties": {
      "feeds": {"type": "array", "items": {"type": "object", "required": ["name", "in_session", "silent_ms"],
        "properties": {"name": {"type": "string"}, "in_session": {"type": "boolean"},
          "silent_ms": {"type": ["number", "null"]}}}},
      "brokers": {"type": "array", "items": {"type": "object", "required": ["name", "connected"],
        "properties": {"name": {"type": "string"}, "connected": {"type": "boolean"}}}},
      "queues": {"type": "array", "items": {"type": "object", "required": ["name", "depth", "limit"],
        "properties": {"name": {"type": "string"}, "depth": {"type": "integer"}, "limit": {"type": "integer"}}}},
      "disk_free_bytes": {"type": ["number", "null"]}, "commit_p99_ms": {"type": ["number", "null"]},
      "commit_last_ms": {"type": ["number", "null"]}, "commit_stalled_ms": {"type": ["number", "null"]},
      "ledger_error": {"type": "string"}, "clock_skew_ms": {"type": ["number", "null"]},
      "clock_set_ms": {"type": ["number", "null"]}, "resident_bytes": {"type": ["number", "null"]},
      "unknown_orders": {"type": "integer"}, "blocked_instruments": {"type": "array", "items": {"type": "string"}},
      "blocked_accounts": {"type": "array", "items": {"type": "string"}},
      "kill_switches": {"type": "array", "items": {"type": "string"}},
      "quarantined_quotes": {"type": "integer"}}}}})"};

inline constexpr RawSchema kComparisonSchema{.name = "run_comparison", .json = R"({
  "type": "object", "description": "Each difference of two backtests, with its cause",
  "required": ["a", "b", "same", "configuration", "headline", "trades", "causes", "differences", "note"],
  "properties": {
    "a": {"type": "string", "description": "the run's identifier"}, "b": {"type": "string"},
    "same": {"type": "boolean", "description": "to the last trade"},
    "configuration": {"type": "array", "items": {"$ref": "#/components/schemas/compared_value"}},
    "headline": {"type": "array", "items": {"$ref": "#/components/schemas/compared_value"}},
    "trades": {"type": "object", "required": ["a", "b", "matched", "same", "different"],
      "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}, "matched": {"type": "integer"},
        "same": {"type": "integer"}, "different": {"type": "integer"}}},
    "causes": {"type": "object", "additionalProperties": {"type": "integer"},
      "description": "how many differences: data, signal, timing, price, fee, size, risk"},
    "differences": {"type": "array", "items": {"type": "object",
      "required": ["symbol", "side", "decided", "a", "b", "cause", "text", "follows"],
      "properties": {"symbol": {"type": "string"}, "side": {"type": "string"}, "decided": {"type": "string"},
        "a": {"type": ["integer", "null"], "description": "the trade's number; null: it is not there"},
        "b": {"type": ["integer", "null"]}, "cause": {"type": "string"}, "text": {"type": "string"},
        "follows": {"type": ["integer", "null"], "description": "the difference that it follows from, from 0"}}}},
    "note": {"type": ["string", "null"]}}})"};

inline constexpr RawSchema kComparedValueSchema{.name = "compared_value", .json = R"({
  "type": "object", "required": ["name", "a", "b"],
  "properties": {"name": {"type": "string"}, "a": {"type": "string"}, "b": {"type": "string"}}})"};

inline constexpr RawSchema kImportReportSchema{.name = "import_report", .json = R"({
  "type": "object", "description": "What became of each line",
  "required": ["items", "meta"],
  "properties": {
    "items": {"type": "array", "items": {"type": "object",
      "required": ["symbol", "timeframe", "rows", "added", "changed", "unchanged", "repeated", "quarantined", "odd"],
      "properties": {"symbol": {"type": "string"}, "timeframe": {"type": "string"}, "rows": {"type": "integer"},
        "added": {"type": "integer"}, "changed": {"type": "integer"}, "unchanged": {"type": "integer"},
        "repeated": {"type": "integer"}, "quarantined": {"type": "integer"}, "odd": {"type": "integer"},
        "first": {"type": "string"}, "last": {"type": "string"}}}},
    "meta": {"type": "object", "required": ["count", "notes", "findings"],
      "properties": {"count": {"type": "integer"}, "notes": {"type": "array", "items": {"type": "string"}},
        "findings": {"type": "array", "description": "the first 100", "items": {"type": "object",
          "properties": {"symbol": {"type": "string"}, "timeframe": {"type": "string"}, "time": {"type": "string"},
            "rule": {"type": "string"}, "action": {"type": "string"}, "detail": {"type": "string"},
            "origin": {"type": "string"}, "text": {"type": "string"}}}}}}}})"};

// --- The feed of charts. An unknown symbol and what is wrong with a question are told as {"s": "error"}, with 200. ---

inline constexpr RawSchema kUdfConfigSchema{.name = "udf_config", .json = R"({
  "type": "object", "description": "What the feed of charts can do",
  "required": ["supports_search", "supports_group_request", "supported_resolutions"],
  "properties": {
    "supports_search": {"type": "boolean"}, "supports_group_request": {"type": "boolean"},
    "supports_marks": {"type": "boolean"}, "supports_timescale_marks": {"type": "boolean"},
    "supports_time": {"type": "boolean"},
    "exchanges": {"type": "array", "items": {"type": "object", "properties": {"value": {"type": "string"},
      "name": {"type": "string"}, "desc": {"type": "string"}}}},
    "symbols_types": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"},
      "value": {"type": "string"}}}},
    "supported_resolutions": {"type": "array", "items": {"type": "string"}}}})"};

inline constexpr RawSchema kUdfErrorSchema{.name = "udf_error", .json = R"({
  "type": "object", "required": ["s", "errmsg"],
  "properties": {"s": {"type": "string", "const": "error"}, "errmsg": {"type": "string"}}})"};

inline constexpr RawSchema kUdfSymbolSchema{.name = "udf_symbol", .json = R"({"anyOf": [
  {"type": "object", "required": ["name", "ticker", "session", "timezone", "minmov", "pricescale"],
    "properties": {
      "name": {"type": "string"}, "ticker": {"type": "string"}, "full_name": {"type": "string"},
      "description": {"type": "string"}, "type": {"type": "string"}, "session": {"type": "string"},
      "timezone": {"type": "string"}, "exchange": {"type": "string"}, "listed_exchange": {"type": "string"},
      "minmov": {"type": "integer"}, "pricescale": {"type": "integer"}, "minmov2": {"type": "integer"},
      "pointvalue": {"type": "number"}, "has_intraday": {"type": "boolean"}, "has_daily": {"type": "boolean"},
      "has_weekly_and_monthly": {"type": "boolean"}, "visible_plots_set": {"type": "string"},
      "volume_precision": {"type": "integer"}, "data_status": {"type": "string"}, "currency_code": {"type": "string"},
      "supported_resolutions": {"type": "array", "items": {"type": "string"}},
      "intraday_multipliers": {"type": "array", "items": {"type": "string"}}}},
  {"$ref": "#/components/schemas/udf_error"}]})"};

inline constexpr RawSchema kUdfFoundSchema{.name = "udf_symbols_found", .json = R"({
  "type": "array", "items": {"type": "object", "required": ["symbol", "full_name", "description", "exchange", "type"],
    "properties": {"symbol": {"type": "string"}, "full_name": {"type": "string"}, "description": {"type": "string"},
      "exchange": {"type": "string"}, "ticker": {"type": "string"}, "type": {"type": "string"}}}})"};

inline constexpr RawSchema kUdfHistorySchema{.name = "udf_history", .json = R"({"anyOf": [
  {"type": "object", "required": ["s", "t", "o", "h", "l", "c", "v"],
    "properties": {
      "s": {"type": "string", "const": "ok"},
      "t": {"type": "array", "items": {"type": "integer"}, "description": "seconds since 1970"},
      "o": {"type": "array", "items": {"type": ["number", "null"]}},
      "h": {"type": "array", "items": {"type": ["number", "null"]}},
      "l": {"type": "array", "items": {"type": ["number", "null"]}},
      "c": {"type": "array", "items": {"type": ["number", "null"]}},
      "v": {"type": "array", "items": {"type": ["number", "null"]}}}},
  {"type": "object", "required": ["s"],
    "properties": {"s": {"type": "string", "const": "no_data"},
      "nextTime": {"type": "integer", "description": "of the last bar before"}}},
  {"$ref": "#/components/schemas/udf_error"}]})"};

inline constexpr RawSchema kUdfQuotesSchema{.name = "udf_quotes", .json = R"({"anyOf": [
  {"type": "object", "required": ["s", "d"],
    "properties": {
      "s": {"type": "string", "const": "ok"},
      "d": {"type": "array", "items": {"type": "object", "required": ["s", "n", "v"],
        "properties": {
          "s": {"type": "string", "enum": ["ok", "error"]}, "n": {"type": "string"},
          "v": {"type": "object", "properties": {
            "ch": {"type": ["number", "null"]}, "chp": {"type": ["number", "null"]},
            "prev_close_price": {"type": ["number", "null"]}, "short_name": {"type": "string"},
            "exchange": {"type": "string"}, "original_name": {"type": "string"}, "description": {"type": "string"},
            "lp": {"type": ["number", "null"]}, "open_price": {"type": ["number", "null"]},
            "high_price": {"type": ["number", "null"]}, "low_price": {"type": ["number", "null"]},
            "volume": {"type": ["number", "null"]}}}}}}}},
  {"$ref": "#/components/schemas/udf_error"}]})"};

}  // namespace argosy::rest
