// The strategy file's JSON Schema, for editors that complete and check YAML.
#include <string>

#include "strategy/strategy_file.hpp"

namespace argosy::strategy {

std::string strategy_schema() {
  return R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Argosy strategy",
  "type": "object",
  "additionalProperties": false,
  "required": ["name"],
  "anyOf": [{"required": ["buy"]}, {"required": ["short"]}, {"required": ["rebalance"]}],
  "properties": {
    "name": {"type": "string", "description": "the strategy's name"},
    "description": {"type": "string", "description": "what it does, in words"},
    "timeframe": {
      "type": "string",
      "description": "the length of a bar: 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w, 1mo; 1d when missing"
    },
    "symbols": {
      "type": "array",
      "uniqueItems": true,
      "items": {"type": "string"},
      "description": "what it trades; cash is shared among them in this order"
    },
    "params": {
      "type": "object",
      "description": "named numbers that formulas use and --set overrides",
      "additionalProperties": {
        "oneOf": [
          {"type": ["number", "string"]},
          {
            "type": "object",
            "required": ["default"],
            "additionalProperties": false,
            "properties": {
              "default": {"$ref": "#/$defs/constant", "description": "the value when nothing else is said"},
              "range": {
                "type": "array",
                "minItems": 2,
                "maxItems": 2,
                "description": "the values a search may try, from and to"
              },
              "step": {"$ref": "#/$defs/constant", "description": "the distance between values a search tries"}
            }
          }
        ]
      }
    },
    "let_files": {
      "type": "array",
      "items": {"type": "string"},
      "description": "files of names shared with other strategies, relative to this one; their `let` is seen here"
    },
    "let": {
      "type": "object",
      "additionalProperties": {"type": "string"},
      "description": "named formulas; each sees those before it"
    },
    "buy": {"$ref": "#/$defs/formula", "description": "the condition that opens a long position"},
    "sell": {
      "$ref": "#/$defs/formula",
      "description": "the condition that closes it at the next open; it may use entry_price, bars_held, profit_pct, highest_since_entry and lowest_since_entry"
    },
    "short": {
      "$ref": "#/$defs/formula",
      "description": "the condition that opens a short position; needs account: margin"
    },
    "cover": {
      "$ref": "#/$defs/formula",
      "description": "the condition that closes it at the next open; it may use what sell may"
    },
    "size": {
      "type": "object",
      "minProperties": 1,
      "maxProperties": 1,
      "additionalProperties": false,
      "description": "how much to buy or sell short; {percent: 100} when missing",
      "properties": {
        "shares": {"$ref": "#/$defs/amount", "description": "a number of shares, bought whole or not at all"},
        "cash": {"$ref": "#/$defs/amount", "description": "what this amount buys, fees included"},
        "percent": {
          "$ref": "#/$defs/amount",
          "description": "what this percentage of the equity buys, fees included"
        },
        "atr_risk": {
          "type": "object",
          "additionalProperties": false,
          "description": "as much as loses `risk` of the equity when the price moves by `distance`",
          "properties": {
            "risk": {"$ref": "#/$defs/constant", "description": "share of the equity; 1% when missing"},
            "multiple": {"$ref": "#/$defs/constant", "description": "of the average true range; 2 when missing"},
            "length": {"$ref": "#/$defs/constant", "description": "bars of the average; 14 when missing"},
            "distance": {
              "$ref": "#/$defs/formula",
              "description": "instead of multiple and length: a formula, in prices"
            }
          }
        },
        "volatility_target": {
          "type": "object",
          "additionalProperties": false,
          "description": "target / volatility of the equity",
          "properties": {
            "target": {"$ref": "#/$defs/constant", "description": "a year; 15% when missing"},
            "length": {"$ref": "#/$defs/constant", "description": "daily bars of the volatility; 20 when missing"},
            "volatility": {
              "$ref": "#/$defs/formula",
              "description": "instead of length, and for bars that are not daily: a formula, a year"
            },
            "cap": {"$ref": "#/$defs/constant", "description": "the most of the equity; 100% when missing"}
          }
        },
        "half_kelly": {
          "type": "object",
          "additionalProperties": false,
          "description": "half of Kelly's fraction by the trades closed so far",
          "properties": {
            "cap": {"$ref": "#/$defs/constant", "description": "the most of the equity; 25% when missing"},
            "trades": {
              "$ref": "#/$defs/count",
              "description": "closed trades before it is believed; 30 when missing"
            },
            "until": {"$ref": "#/$defs/constant", "description": "share of the equity until then; 5% when missing"}
          }
        }
      }
    },
    "order": {
      "type": "object",
      "additionalProperties": false,
      "description": "how positions are entered; at the market when missing",
      "properties": {
        "type": {"enum": ["market", "limit", "stop", "stop_limit"]},
        "limit": {"$ref": "#/$defs/formula", "description": "the limit, an adjusted price"},
        "stop": {"$ref": "#/$defs/formula", "description": "the stop, an adjusted price"},
        "limit_offset": {
          "$ref": "#/$defs/constant",
          "description": "instead of limit: so much better than the close, 0.5%; of a stop_limit: beyond the close"
        },
        "stop_offset": {
          "$ref": "#/$defs/constant",
          "description": "instead of stop: so far beyond the close in the direction of the trade, 0.5%"
        },
        "time_in_force": {
          "enum": ["gtc", "day", "ioc", "fok", "at_open", "at_close"],
          "description": "gtc when missing for market orders, else day"
        }
      }
    },
    "stop_loss": {
      "$ref": "#/$defs/distance",
      "description": "a stop at this share of the entry price from it, 8%, or at a distance"
    },
    "take_profit": {
      "$ref": "#/$defs/distance",
      "description": "a limit at this share of the entry price from it, 20%, or at a distance"
    },
    "trailing_stop": {
      "$ref": "#/$defs/distance",
      "description": "a stop that follows the best price since the entry, at 10%, or at a distance"
    },
    "max_bars": {
      "$ref": "#/$defs/count",
      "description": "a position is closed at the next open after so many closes since the bar of its entry"
    },
    "confidence": {
      "$ref": "#/$defs/formula",
      "description": "how sure an entry is, 0 to 1; sizes may use it by this name"
    },
    "minimum_confidence": {"$ref": "#/$defs/constant", "description": "entries below it are left out: 60%"},
    "rebalance": {
      "type": "object",
      "additionalProperties": false,
      "required": ["rank"],
      "description": "hold the best of the symbols; `buy`, where given, says which may be held at all",
      "properties": {
        "every": {
          "anyOf": [{"enum": ["week", "month", "quarter", "year"]}, {"$ref": "#/$defs/count"}],
          "description": "at the first close of each, or after so many bars; month when missing"
        },
        "rank": {"$ref": "#/$defs/formula", "description": "the higher the better"},
        "hold": {"$ref": "#/$defs/count", "description": "how many; 10 when missing"},
        "weight": {
          "$ref": "#/$defs/constant",
          "description": "share of the equity that they share evenly; 100% when missing"
        },
        "drift": {
          "$ref": "#/$defs/constant",
          "description": "what is held is brought back to its weight when it is off by more than this share of it; 0 when missing"
        }
      }
    },
    "account": {"enum": ["cash", "margin"], "description": "cash when missing"},
    "account_rules": {
      "enum": ["warn", "refuse"],
      "description": "what is done about unsettled cash and day trades; warn when missing"
    },
    "interest": {"$ref": "#/$defs/constant", "description": "a year, on cash that is borrowed: 6%; 0 when missing"},
    "borrow": {
      "type": "object",
      "additionalProperties": false,
      "description": "what selling short costs",
      "properties": {
        "rate": {"$ref": "#/$defs/constant", "description": "a year, on the value of what is short; 0 when missing"},
        "rates": {
          "type": "object",
          "additionalProperties": {"$ref": "#/$defs/constant"},
          "description": "of symbols that cost more or less: {GME: 30%}"
        },
        "unavailable": {
          "type": "array",
          "items": {"type": "string"},
          "description": "symbols that nobody lends: short sales of them are rejected"
        }
      }
    },
    "fees": {
      "type": "string",
      "description": "what fills cost, instead of commission_percent: free, percent:0.1, per_share:0.005, a preset such as ibkr_fixed, or a file"
    },
    "commission_percent": {
      "type": "number",
      "minimum": 0,
      "maximum": 50,
      "description": "percent of the traded amount, on both sides: 0.1 is a tenth of a percent"
    },
    "slippage": {
      "type": "string",
      "description": "how much worse than its rule says a market or stop order is filled: none, fixed:0.01, percent:0.05, volume:0.1, range:0.1"
    },
    "volume_cap": {
      "type": ["string", "number"],
      "description": "the most of a bar's volume that orders may take: 10%; no limit when missing"
    },
    "latency": {"type": "string", "description": "how long orders travel: bars:1, ms:250; none when missing"},
    "limit_fills": {
      "enum": ["touch", "through"],
      "description": "whether a price that only touches a limit fills it; touch when missing"
    },
    "limits": {
      "type": "string",
      "description": "a profile of risk limits (argosy limits list), or a file; backtest when missing: none"
    }
  },
  "$defs": {
    "formula": {"type": "string"},
    "constant": {"type": ["string", "number"]},
    "count": {"type": ["string", "integer"], "minimum": 1},
    "amount": {"type": ["string", "number"]},
    "distance": {
      "oneOf": [
        {"type": ["string", "number"]},
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["distance"],
          "properties": {"distance": {"type": "string", "description": "a formula, in prices: 2 * atr(14)"}}
        }
      ]
    }
  }
}
)json";
}

}  // namespace argosy::strategy
