// Stocks found, made and changed. An instrument that was once there stays, for bars and books name it: one that is
// removed is not active any more.
#include <fmt/format.h>

#include <utility>

#include "core/text.hpp"
#include "data/tables_import.hpp"
#include "market/instrument.hpp"
#include "rest/resources.hpp"

namespace argosy::rest {

using core::Error;
using core::ErrorCode;
using core::fail;
using core::Result;
using ledger::InstrumentRow;
using ledger::StockRow;
using server::Access;
using server::endpoint;
using server::Method;
using server::None;

struct StockSearch {
  std::string q;
  bool active = false;
  std::int64_t page = 1;
  std::int64_t per_page = 50;
};
struct StockPatch {
  std::optional<std::string> name;
  std::optional<std::string> sector;
  std::optional<std::string> description;
  std::optional<bool> is_active;
};
struct StockIn {
  std::string symbol;
  StockPatch said;
  std::string exchange = "24/7";
  std::string currency = "USD";
};

namespace {

// A field of a record that is a member of another one.
constexpr core::Field moved(core::Field field, std::size_t place) {
  field.offset += place;
  return field;
}

}  // namespace
}  // namespace argosy::rest

template <>
struct argosy::core::RecordOf<argosy::rest::StockSearch> {
  using Row = argosy::rest::StockSearch;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, q, .limits = {.maximum_length = 50}, .text = "part of the symbol or of the name",
                   .required = true),
      ARGOSY_FIELD(Row, active, .text = "only those that new services may trade"),
      ARGOSY_FIELD(Row, page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPages}),
      ARGOSY_FIELD(Row, per_page, .limits = {.minimum = 1, .maximum = argosy::server::kMostPerPage}),
  };
  static constexpr RecordType kType{"stock_search", "Which stocks", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::StockPatch> {
  using Row = argosy::rest::StockPatch;
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, name, .limits = {.maximum_length = 200}, .text = "of the company"),
      ARGOSY_FIELD(Row, sector, .limits = {.maximum_length = 100}, .text = "of the economy"),
      ARGOSY_FIELD(Row, description, .limits = {.maximum_length = 1'000}, .text = "in words"),
      ARGOSY_FIELD(Row, is_active, .text = "new services may trade it"),
  };
  static constexpr RecordType kType{"stock_change", "What is to be otherwise; what is left out stays", kFields};
};
template <>
struct argosy::core::RecordOf<argosy::rest::StockIn> {
  using Row = argosy::rest::StockIn;
  static constexpr const auto& kSaid = RecordOf<argosy::rest::StockPatch>::kFields;
  static constexpr std::size_t kPlace = offsetof(Row, said);
  static constexpr Field kFields[] = {
      ARGOSY_FIELD(Row, symbol, .limits = {.maximum_length = 20}, .text = "by which it is traded", .required = true),
      argosy::rest::moved(kSaid[0], kPlace),
      argosy::rest::moved(kSaid[1], kPlace),
      argosy::rest::moved(kSaid[2], kPlace),
      argosy::rest::moved(kSaid[3], kPlace),
      ARGOSY_FIELD(Row, exchange, .limits = {.maximum_length = 20}, .text = "whose calendar it follows: XNAS, 24/7"),
      ARGOSY_FIELD(Row, currency, .limits = {.maximum_length = 3}, .text = "in which it is quoted"),
  };
  static constexpr RecordType kType{"new_stock", "A stock to be made", kFields};
};

namespace argosy::rest {
namespace {

void say(const StockPatch& patch, InstrumentRow& row) {
  if (patch.name) row.name = *patch.name;
  if (patch.sector) row.sector = *patch.sector;
  if (patch.description) row.description = *patch.description;
  if (patch.is_active) row.is_active = *patch.is_active;
}

Result<StockRow> get(const Resources& resources, const server::Caller& caller, const std::string& symbol) {
  ARGOSY_TRY(const data::Stock stock, find_stock(resources, symbol));
  return resources.store.get<StockRow>(caller, stock.stock_id);
}

Result<StockRow> change(const Resources& resources, const server::Caller& caller, std::int64_t id,
                        const std::function<void(InstrumentRow&)>& change) {
  ARGOSY_TRY(const StockRow stock, resources.store.get<StockRow>(caller, id));
  ARGOSY_TRY_VOID(resources.change_instruments(
      [&](data::Instruments& all) -> Result<void> {
        const auto found = all.find(stock.symbol);
        if (found == all.end()) return fail(ErrorCode::kNotFound, "there is no stock " + stock.symbol);
        InstrumentRow row = found->second;
        change(row);
        return data::set_instrument(row, all);
      },
      caller.username));
  return resources.store.get<StockRow>(caller, id);
}

Result<StockRow> create(const Resources& resources, const server::Call<None, None, StockIn>& call) {
  const StockIn& body = call.body;
  if (auto checked = market::check_symbol(body.symbol); !checked)
    return fail(std::move(checked).error().in_field("symbol", body.symbol));
  ARGOSY_TRY_VOID(resources.change_instruments(
      [&](data::Instruments& all) -> Result<void> {
        if (all.contains(body.symbol))
          return fail(ErrorCode::kAlreadyExists, fmt::format("there is a stock {} already", body.symbol));
        InstrumentRow row = data::new_instrument(body.symbol);
        row.exchange = body.exchange;
        row.currency = body.currency;
        say(body.said, row);
        return data::set_instrument(row, all);
      },
      call.caller->username));
  ARGOSY_TRY(StockRow made, get(resources, *call.caller, body.symbol));
  call.reply.headers.add("Location", fmt::format("/api/v1/stocks/{}", made.id));
  return made;
}

std::string upper(std::string text) {
  for (char& each : text) {
    if (each >= 'a' && each <= 'z') each = static_cast<char>(each - 'a' + 'A');
  }
  return text;
}

}  // namespace

void add_stock_changes(server::Api& api, const Resources& resources) {
  api.add(endpoint<None, StockSearch, None, server::Page<StockRow>>(
      {.path = "/stocks/search",
       .name = "search_stocks",
       .tag = "stocks",
       .summary = "Stocks by a part of symbol or name",
       .access = Access::kViewer},
      [&](const auto& call) -> Result<server::Page<StockRow>> {
        if (core::trim(call.query.q).empty())
          return fail(Error(ErrorCode::kInvalidArgument, "there is nothing to search for").in_field("q"));
        server::Listing<StockRow> listing;
        listing.request.page = call.query.page;
        listing.request.per_page = call.query.per_page;
        const std::string text = upper(std::string(core::trim(call.query.q)));
        std::string condition =
            "(replace(upper(symbol), :symbol, '') <> upper(symbol) OR replace(upper(name), :name, '') <> upper(name))";
        if (call.query.active) condition += " AND is_active = 1";
        return resources.store.list(*call.caller, listing, condition, {text, text});
      }));
  api.add(endpoint<None, None, StockIn, StockRow>({.method = Method::kPost,
                                                   .path = "/stocks",
                                                   .name = "create_stock",
                                                   .tag = "stocks",
                                                   .summary = "A new stock",
                                                   .access = Access::kAdmin,
                                                   .status = 201,
                                                   .takes_key = true},
                                                  [&](const auto& call) { return create(resources, call); }));
  api.add(endpoint<IdPath, None, StockPatch, StockRow>(
      {.method = Method::kPatch,
       .path = "/stocks/{id}",
       .name = "change_stock",
       .tag = "stocks",
       .summary = "Other words for a stock",
       .access = Access::kAdmin},
      [&](const auto& call) {
        return change(resources, *call.caller, call.path.id, [&](InstrumentRow& row) { say(call.body, row); });
      }));
  api.add(endpoint<IdPath, None, None, StockRow>({.method = Method::kPost,
                                                  .path = "/stocks/{id}/toggle",
                                                  .name = "toggle_stock",
                                                  .tag = "stocks",
                                                  .summary = "Whether new services may trade it becomes otherwise",
                                                  .access = Access::kAdmin},
                                                 [&](const auto& call) {
                                                   return change(
                                                       resources, *call.caller, call.path.id,
                                                       [](InstrumentRow& row) { row.is_active = !row.is_active; });
                                                 }));
  api.add(endpoint<IdPath, None, None, None>({.method = Method::kDelete,
                                              .path = "/stocks/{id}",
                                              .name = "remove_stock",
                                              .tag = "stocks",
                                              .summary = "No new service may trade it; it stays in bars and books",
                                              .access = Access::kAdmin},
                                             [&](const auto& call) -> Result<None> {
                                               ARGOSY_TRY_VOID(
                                                   change(resources, *call.caller, call.path.id,
                                                          [](InstrumentRow& row) { row.is_active = false; }));
                                               return None{};
                                             }));
}

}  // namespace argosy::rest
