// The broker's own books, as the oracle reads them: by plain SQL, what is new since it last looked.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "ledger/database.hpp"
#include "simulation/detail/oracle_rows.hpp"

namespace argosy::simulation::detail {

struct VenueOrder {
  std::int64_t number = 0;
  std::string client_id;
  std::string symbol;
  bool buys = false;
  std::string state;
  std::int64_t quantity = 0;
  std::int64_t filled = 0;
  std::int64_t summed = 0;  // of its fills
  std::int64_t received_at = 0;
  std::int64_t updated_at = 0;
  bool restated = false;  // by a split while it worked

  [[nodiscard]] bool works() const { return state == "pending" || state == "working"; }
};

struct VenueFill {
  std::int64_t number = 0;
  std::int64_t order = 0;
  std::string symbol;
  std::int64_t price = 0;
  std::int64_t quantity = 0;  // sold: negative
  std::int64_t fee = 0;
  std::string currency;
  std::int64_t cash = 0;
  std::int64_t time = 0;
  std::int64_t rate = 0;  // 0: nothing was converted
  bool inverse = false;
};

struct VenueAction {
  std::string symbol;
  std::int64_t ex_date = 0;
  std::string kind;
  std::int64_t quantity = 0;
  std::int64_t cash = 0;
  std::int64_t price = 0;
};

class VenueBooks {
 public:
  explicit VenueBooks(const OracleSettings& settings) : settings_(settings) {}

  // `all`: rows of before, too.
  [[nodiscard]] core::Result<void> read(ledger::Database& database, bool all, Findings& findings);
  void on_hand(const std::string& symbol, std::int64_t quantity, std::int64_t cash);

  [[nodiscard]] const std::map<std::int64_t, VenueOrder>& orders() const { return orders_; }
  [[nodiscard]] const std::map<std::int64_t, VenueFill>& fills() const { return fills_; }
  [[nodiscard]] const std::vector<VenueAction>& actions() const { return actions_; }
  [[nodiscard]] const VenueOrder* find(const std::string& client_id) const;
  [[nodiscard]] const VenueOrder* find(std::int64_t number) const;
  [[nodiscard]] const VenueFill* fill(std::int64_t number) const;
  // What the venue says that is there.
  [[nodiscard]] std::int64_t cash(const std::string& currency) const;
  [[nodiscard]] std::int64_t held(const std::string& symbol) const;
  [[nodiscard]] std::int64_t funded(const std::string& currency) const;
  // By hand, or by orders of foreign clients: not known to the process.
  [[nodiscard]] std::int64_t foreign_shares(const std::string& symbol) const;
  [[nodiscard]] std::int64_t foreign_cash() const;
  [[nodiscard]] const std::map<std::string, std::int64_t>& holdings() const { return held_; }
  [[nodiscard]] static bool is_ours(const std::string& client_id) { return client_id.starts_with("argosy-"); }

 private:
  struct Rows;
  void take_orders(const Rows& rows, Findings& findings);
  void take_fills(const Rows& rows, Findings& findings);
  void compare(Findings& findings) const;

  const OracleSettings& settings_;
  std::map<std::int64_t, VenueOrder> orders_;
  std::map<std::int64_t, VenueFill> fills_;
  std::vector<VenueAction> actions_;
  std::unordered_map<std::string, std::int64_t> by_client_;
  std::map<std::string, std::int64_t> cash_;    // by currency
  std::map<std::string, std::int64_t> held_;    // by symbol
  std::map<std::string, std::int64_t> funded_;  // by currency
  std::map<std::string, std::int64_t> bought_;  // by symbol: the sum of fills and actions
  std::map<std::string, std::int64_t> moved_;   // by currency: what fills and actions moved
  std::map<std::string, std::int64_t> foreign_shares_;
  std::int64_t foreign_cash_ = 0;
  std::map<std::string, std::int64_t> hand_shares_;
  std::int64_t hand_cash_ = 0;
  std::int64_t last_update_ = 0;
};

}  // namespace argosy::simulation::detail
