// argosy fees: presets of brokers' fees, and what they charge for a fill.
#include "trading/fees.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/fee_options.hpp"
#include "cli/home.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"

namespace argosy::cli {
namespace {

using core::ErrorCode;
using core::fail;
using core::Result;

struct Options {
  std::string preset;
  std::string side = "buy";
  std::string quantity;
  std::string price;
  std::string date;
  std::string exchange = "XNAS";
  bool converted = false;
};

Result<core::Date> date_of(const Options& options) {
  if (!options.date.empty()) return core::Date::parse(options.date);
  const core::SystemClock clock;
  return core::utc_date(clock.now());
}

Result<void> quote(const Options& options, const Globals& globals) {
  ARGOSY_TRY(const trading::FeeSchedule fees, trading::find_fees(options.preset, fee_reader(globals)));
  ARGOSY_TRY(const core::Quantity quantity, core::Quantity::parse(options.quantity));
  ARGOSY_TRY(const core::Price price, core::Price::parse(options.price));
  if (!quantity.is_positive()) return fail(ErrorCode::kInvalidArgument, "--quantity must be above 0");
  if (!price.is_positive()) return fail(ErrorCode::kInvalidArgument, "--price must be above 0");
  ARGOSY_TRY(const core::Date date, date_of(options));
  const market::Instrument instrument{.symbol = "X", .exchange = options.exchange};
  const trading::FeeInput fill{.side = options.side == "buy" ? trading::Side::kBuy : trading::Side::kSell,
                               .quantity = quantity,
                               .price = price,
                               .date = date,
                               .instrument = &instrument,
                               .converted = options.converted};
  const core::Money amount = core::notional(price, quantity, core::Rounding::kHalfEven);
  const core::Money total = fees.fee(fill);
  const std::vector<core::Money> parts = fees.fees(fill);
  const double share = amount.is_positive() ? total.to_double() / amount.to_double() : 0;
  if (globals.json) {
    core::JsonWriter json(2);
    json.begin_object().key("fees").value(fees.name()).key("date").value(date.to_string());
    json.key("currency").value(fees.currency()).key("amount").value(amount).key("items").begin_array();
    for (std::size_t i = 0; i < parts.size(); ++i)
      json.begin_object().key("name").value(fees.items()[i].name).key("fee").value(parts[i]).end_object();
    json.end_array().key("total").value(total).key("share").value(share).end_object();
    return print(std::move(json).take() + "\n");
  }
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!parts[i].is_zero()) rows.push_back({fees.items()[i].name, parts[i].to_string(2)});
  }
  rows.push_back({"total", total.to_string(2)});
  return print(fmt::format("{}: {} {} at {} on {}, {} {}\n\n", fees.name(), options.side, quantity.to_string(),
                           price.to_string(), date.to_string(), amount.to_string(2), fees.currency()) +
               format_table({"item", "fee"}, rows) + fmt::format("\n{:.4f} % of the amount\n", share * 100));
}

Result<void> list(const Options&, const Globals& globals) {
  core::JsonWriter json(2);
  json.begin_object().key("items").begin_array();
  std::vector<std::vector<std::string>> rows{
      {"free", "", "no fees"}, {"percent:X", "", "X percent of the traded amount"}, {"per_share:X", "", "X a share"}};
  for (const std::string& name : known_names("fees", globals)) {
    ARGOSY_TRY(const trading::FeeFile file, fee_reader(globals)(name));
    rows.push_back({name, file.schedule.currency(), file.description});
    json.begin_object().key("name").value(name).key("currency").value(file.schedule.currency());
    json.key("description").value(file.description).key("source").value(file.source).end_object();
  }
  json.end_array().key("meta").begin_object().key("count").value(rows.size() - 3).end_object().end_object();
  return print(globals.json ? std::move(json).take() + "\n"
                            : format_table({"fees", "currency", "what they are"}, rows));
}

}  // namespace

trading::FeeReader fee_reader(const Globals& globals, const std::string& folder) {
  return [folder, &globals](const std::string& name) -> Result<trading::FeeFile> {
    ARGOSY_TRY(std::string path, named_file("fees", name, globals));
    if (path == name && !folder.empty()) path = (std::filesystem::path(folder) / name).string();
    ARGOSY_TRY(const std::string text, read_input(path, globals));
    return trading::parse_fee_file(text, path, fee_reader(globals, std::filesystem::path(path).parent_path().string()));
  };
}

void add_fees(CLI::App& parent, Globals& globals) {
  CLI::App* group = parent.add_subcommand("fees", "Brokers' fees: presets, and what they charge for a fill");
  group->require_subcommand(1);
  auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* text, Result<void> (*work)(const Options&, const Globals&)) {
    CLI::App* command = group->add_subcommand(name, text);
    add_common_options(*command, globals);
    command->callback([options, work, &globals] { run_command([&] { return work(*options, globals); }); });
    return command;
  };
  add("list", "Show the presets", list)->footer("Example:\n  argosy fees list");
  CLI::App* quoter = add("quote", "What a fill would cost, item by item", quote);
  quoter->add_option("--preset", options->preset, "a preset, a file, free, percent:X or per_share:X")->required();
  quoter->add_option("--side", options->side, "buy or sell")
      ->check(CLI::IsMember({"buy", "sell"}))
      ->capture_default_str();
  quoter->add_option("--quantity", options->quantity, "shares")->required();
  quoter->add_option("--price", options->price, "of one")->required();
  quoter->add_option("--date", options->date, "the day of the trade (default: today)");
  quoter->add_option("--exchange", options->exchange, "where it is traded: XNYS, XNAS, XLON, XKRX ...")
      ->capture_default_str();
  quoter->add_flag("--converted", options->converted, "the account is kept in another currency");
  quoter->footer(
      "Examples:\n  argosy fees quote --preset kis --side sell --quantity 100 --price 187.5\n"
      "  argosy fees quote --preset ibkr_fixed --quantity 1000 --price 0.25 --date 2024-06-03 --json");
}

}  // namespace argosy::cli
