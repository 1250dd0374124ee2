// The strategy file's JSON Schema, for editors that complete and check YAML.
#include "core/json.hpp"
#include "strategy/strategy_file.hpp"

namespace argosy::strategy {
namespace {

using core::JsonWriter;

void text_property(JsonWriter& json, std::string_view name, std::string_view description) {
  json.key(name).begin_object().key("type").value("string").key("description").value(description).end_object();
}

// A constant formula: a number, or text such as "8%" or the name of a parameter.
void constant_property(JsonWriter& json, std::string_view name, std::string_view description) {
  json.key(name).begin_object().key("type").begin_array().value("string").value("number").end_array();
  json.key("description").value(description).end_object();
}

void parameters_property(JsonWriter& json) {
  json.key("params").begin_object().key("type").value("object");
  json.key("description").value("named numbers that formulas use and --set overrides");
  json.key("additionalProperties").begin_object().key("oneOf").begin_array();
  json.begin_object().key("type").begin_array().value("number").value("string").end_array().end_object();
  json.begin_object().key("type").value("object").key("required").begin_array().value("default").end_array();
  json.key("additionalProperties").value(false).key("properties").begin_object();
  constant_property(json, "default", "the value when nothing else is said");
  json.key("range").begin_object().key("type").value("array").key("minItems").value(2).key("maxItems").value(2);
  json.key("description").value("the values a search may try, from and to").end_object();
  constant_property(json, "step", "the distance between values a search tries");
  json.end_object().end_object().end_array().end_object().end_object();
}

void size_property(JsonWriter& json) {
  json.key("size")
      .begin_object()
      .key("type")
      .value("object")
      .key("minProperties")
      .value(1)
      .key("maxProperties")
      .value(1);
  json.key("description")
      .value("how much to buy; {percent: 100} when missing")
      .key("additionalProperties")
      .value(false);
  json.key("properties").begin_object();
  for (const auto& [name, text] : {std::pair{"shares", "a number of shares, bought whole or not at all"},
                                   std::pair{"cash", "what this amount buys, fees included"},
                                   std::pair{"percent", "what this percentage of the equity buys, fees included"}}) {
    json.key(name)
        .begin_object()
        .key("type")
        .value("number")
        .key("exclusiveMinimum")
        .value(0)
        .key("description")
        .value(text)
        .end_object();
  }
  json.end_object().end_object();
}

}  // namespace

std::string strategy_schema() {
  JsonWriter json(2);
  json.begin_object();
  json.key("$schema").value("https://json-schema.org/draft/2020-12/schema");
  json.key("title").value("Argosy strategy").key("type").value("object").key("additionalProperties").value(false);
  json.key("required").begin_array().value("name").value("buy").end_array();
  json.key("anyOf").begin_array();
  for (const char* key : {"sell", "stop_loss", "take_profit"}) {
    json.begin_object().key("required").begin_array().value(key).end_array().end_object();
  }
  json.end_array().key("properties").begin_object();
  text_property(json, "name", "the strategy's name");
  text_property(json, "description", "what it does, in words");
  text_property(json, "timeframe", "the length of a bar: 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w, 1mo; 1d when missing");
  json.key("symbols")
      .begin_object()
      .key("type")
      .value("array")
      .key("uniqueItems")
      .value(true)
      .key("items")
      .begin_object();
  json.key("type")
      .value("string")
      .end_object()
      .key("description")
      .value("what it trades; cash is shared among them in this order")
      .end_object();
  parameters_property(json);
  json.key("let_files").begin_object().key("type").value("array").key("items").begin_object();
  json.key("type").value("string").end_object().key("description");
  json.value("files of names shared with other strategies, relative to this one; their `let` is seen here")
      .end_object();
  json.key("let")
      .begin_object()
      .key("type")
      .value("object")
      .key("additionalProperties")
      .begin_object()
      .key("type")
      .value("string")
      .end_object();
  json.key("description").value("named formulas; each sees those before it").end_object();
  text_property(json, "buy", "the condition that opens a position at the next open");
  text_property(json, "sell",
                "the condition that closes it at the next open; it may use entry_price, bars_held, profit_pct, "
                "highest_since_entry and lowest_since_entry");
  size_property(json);
  constant_property(json, "stop_loss", "sell when the price falls by this share of the entry price: 8%");
  constant_property(json, "take_profit", "sell when the price rises by this share of the entry price: 20%");
  text_property(json, "fees",
                "what fills cost, instead of commission_percent: free, percent:0.1, per_share:0.005, a preset such as "
                "ibkr_fixed, or a file");
  json.key("commission_percent")
      .begin_object()
      .key("type")
      .value("number")
      .key("minimum")
      .value(0)
      .key("maximum")
      .value(50);
  json.key("description")
      .value("percent of the traded amount, on both sides: 0.1 is a tenth of a percent")
      .end_object();
  json.end_object().end_object();
  return std::move(json).take() + "\n";
}

}  // namespace argosy::strategy
