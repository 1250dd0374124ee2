// Panel: a table of (entity x time x field) in columns of doubles, the one input of every formula. Entities are symbols
// with bars, or accounts with daily metrics. Rows of one entity are contiguous and sorted by time.
//
//   Panel panel({"open", "close"});
//   panel.add_entity("AAPL", keys, {open, close});
//   PanelSlice slice = panel.entity(0);     // slice.fields[1][row]
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/check.hpp"

namespace argosy::core {

// One entity's rows: `keys` are nanoseconds since 1970 (midnight UTC of the civil date for daily rows and longer).
struct PanelSlice {
  std::string_view entity;
  std::span<const std::int64_t> keys;
  std::vector<std::span<const double>> fields;  // one a field, each keys.size() long
};

class Panel {
 public:
  explicit Panel(std::vector<std::string> fields) : fields_(std::move(fields)), columns_(fields_.size()) {}

  // Takes the columns over. `columns` has one entry a field, each as long as `keys`; keys ascend strictly.
  void add_entity(std::string name, std::vector<std::int64_t> keys, std::vector<std::vector<double>> columns) {
    ARGOSY_CHECK(columns.size() == fields_.size(), "{}: {} columns for {} fields", name, columns.size(),
                 fields_.size());
    ARGOSY_CHECK(std::ranges::adjacent_find(keys, std::greater_equal<>{}) == keys.end(), "{}: keys do not ascend",
                 name);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      ARGOSY_CHECK(columns[i].size() == keys.size(), "{}: column {} has {} of {} rows", name, fields_[i],
                   columns[i].size(), keys.size());
      columns_[i].push_back(std::move(columns[i]));
    }
    entities_.push_back(std::move(name));
    keys_.push_back(std::move(keys));
  }

  [[nodiscard]] std::size_t entity_count() const { return entities_.size(); }
  [[nodiscard]] std::span<const std::string> fields() const { return fields_; }
  [[nodiscard]] PanelSlice entity(std::size_t index) const {
    PanelSlice slice{entities_.at(index), keys_[index], {}};
    slice.fields.reserve(fields_.size());
    for (const auto& column : columns_) slice.fields.emplace_back(column[index]);
    return slice;
  }

 private:
  std::vector<std::string> fields_;
  std::vector<std::string> entities_;
  std::vector<std::vector<std::int64_t>> keys_;
  std::vector<std::vector<std::vector<double>>> columns_;  // field, entity, row
};

}  // namespace argosy::core
